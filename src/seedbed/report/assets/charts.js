// Charts are drawn when they come near the window, or before the page is printed.
const ERRORS = 1; // as Vega numbers its levels
const OPTIONS = {
  actions: false,
  defaultStyle: false,
  logLevel: ERRORS, // a chart whose configurations are all off would complain
  renderer: "svg",
  tooltip: { disableDefaultStyle: true },
};
const views = new WeakMap();
let shown = null; // labels of the configurations that the legend leaves on; null: all

// The element with the specification; none where the chosen configuration has no such chart.
function specOf(figure) {
  const { choice } = figure.dataset;
  const of = choice ? String(chosen[choice]) : "all";
  return findAll("script.spec", figure).find((each) => each.dataset.of === of);
}

function hideWithoutSpec(figure) {
  figure.hidden = specOf(figure) === undefined;
  return figure.hidden;
}

async function draw(figure) {
  const turn = (figure.turn = (figure.turn ?? 0) + 1);
  const place = find(".drawing", figure);
  const spec = JSON.parse(specOf(figure).textContent);
  figure.dataset.drawn = "false";
  find(".title", figure).textContent = spec.usermeta.title;
  find(".subtitle", figure).textContent = spec.usermeta.subtitle;
  const inner = element("div");
  place.append(inner);
  if (figure.closest(".with-legend")) {
    dropLegend(spec);
  }
  const { view } = await vegaEmbed(inner, spec, OPTIONS);
  if (turn !== figure.turn) {
    view.finalize();
    inner.remove();
    return;
  }
  views.get(figure)?.finalize();
  findAll(":scope > div", place).filter((each) => each !== inner).forEach((each) => each.remove());
  views.set(figure, view);
  await show(figure, view);
  figure.dataset.drawn = "true";
}

// The page has a legend of its own beside these charts.
function dropLegend(spec) {
  for (const part of [spec, ...(spec.layer ?? [])]) {
    for (const channel of ["color", "strokeDash"]) {
      if (part.encoding?.[channel]?.field === "configuration") {
        part.encoding[channel].legend = null;
      }
    }
  }
}

// Let a chart beside the legend show the configurations that are on there.
async function show(figure, view) {
  if (figure.closest(".with-legend") && "shown" in view.getState().signals) {
    await view.signal("shown", shown).runAsync();
  }
}

function showOnly(labels) {
  shown = labels;
  for (const figure of findAll(".with-legend figure.chart")) {
    const view = views.get(figure);
    if (view) {
      show(figure, view);
    }
  }
}

const nearWindow = new IntersectionObserver(
  (seen) => {
    for (const { isIntersecting, target } of seen) {
      if (isIntersecting) {
        nearWindow.unobserve(target);
        draw(target);
      }
    }
  },
  { rootMargin: "400px 0px" },
);

function drawWhenNear(within) {
  const figures = findAll("figure.chart", within);
  figures.filter((each) => !hideWithoutSpec(each)).forEach((each) => nearWindow.observe(each));
}

function redraw(choice) {
  for (const figure of findAll(`figure.chart[data-choice="${choice}"]`)) {
    if (!hideWithoutSpec(figure)) {
      delete figure.dataset.drawn;
      nearWindow.unobserve(figure); // to be told of it again, where it is in view
      nearWindow.observe(figure);
    }
  }
}

// Printing waits for no timer or file, but nothing that draws a chart here waits for one either.
function drawAllNow() {
  for (const figure of findAll("figure.chart:not([data-drawn])")) {
    if (figure.checkVisibility()) {
      nearWindow.unobserve(figure);
      draw(figure);
    }
  }
}

// What is saved stands alone, so it has the title and the legend that the page has said in HTML.
async function save(figure, kind) {
  const spec = JSON.parse(specOf(figure).textContent);
  const drawing = find(".drawing", figure);
  spec.title = spec.usermeta.title;
  spec.background = "white";
  spec.width = Math.max(drawing.clientWidth, 480);
  const place = element("div", { class: "hidden" });
  document.body.append(place);
  const { view } = await vegaEmbed(place, spec, OPTIONS);
  await show(figure, view);
  const address = await view.toImageURL(kind, kind === "png" ? 3 : 1);
  view.finalize();
  place.remove();
  const name = [document.title.split(" · ")[0], figure.dataset.chart].join("-");
  const safe = name.replace(/[^\p{Letter}\p{Number}]+/gu, "-").slice(0, 80);
  element("a", { href: address, download: `${safe}.${kind}` }).click();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-save]");
  if (button) {
    save(button.closest("figure"), button.dataset.save);
  }
});
addEventListener("beforeprint", drawAllNow);
matchMedia("print").addEventListener("change", (media) => media.matches && drawAllNow());
watchers.push(redraw);
drawWhenNear(document);

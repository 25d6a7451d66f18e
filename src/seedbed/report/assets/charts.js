// Charts are drawn when they come near the window, or before the page is printed.
const views = new WeakMap();
let shown = null; // labels of the configurations that the legend leaves on; null: all

function specOf(figure) {
  const of = "every" in figure.dataset ? String(chosen.configuration) : "all";
  const found = findAll("script.spec", figure).find((each) => each.dataset.of === of);
  return found ? JSON.parse(found.textContent) : null;
}

async function draw(figure) {
  const turn = (figure.turn = (figure.turn ?? 0) + 1);
  const place = find(".drawing", figure);
  const spec = specOf(figure);
  figure.hidden = spec === null;
  if (spec === null) {
    return;
  }
  figure.dataset.drawn = "false";
  find(".title", figure).textContent = spec.usermeta.title;
  find(".subtitle", figure).textContent = spec.usermeta.subtitle;
  const inner = element("div");
  place.append(inner);
  const { view } = await vegaEmbed(inner, spec, {
    actions: false,
    ast: false,
    defaultStyle: false,
    logLevel: vega.Error, // a chart whose configurations are all off would complain
    renderer: "svg",
    tooltip: { disableDefaultStyle: true },
  });
  if (turn !== figure.turn) {
    view.finalize();
    inner.remove();
    return;
  }
  views.get(figure)?.finalize();
  findAll(":scope > div", place).filter((each) => each !== inner).forEach((each) => each.remove());
  views.set(figure, view);
  await show(view);
  figure.dataset.drawn = "true";
}

// Let a chart of several configurations show those that the legend leaves on.
async function show(view) {
  if ("shown" in view.getState().signals) {
    await view.signal("shown", shown).runAsync();
  }
}

function showOnly(labels) {
  shown = labels;
  for (const figure of findAll("figure.chart")) {
    const view = views.get(figure);
    if (view) {
      show(view);
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
  findAll("figure.chart", within).forEach((each) => nearWindow.observe(each));
}

function redraw() {
  for (const figure of findAll("figure.chart[data-every]")) {
    if (figure.dataset.drawn === "true" || figure.hidden) {
      draw(figure);
    }
  }
}

// Printing waits for nothing, so here charts are drawn without the comforts that take time.
function drawAllNow() {
  for (const figure of findAll("figure.chart:not([data-drawn])")) {
    const spec = figure.checkVisibility() ? specOf(figure) : null;
    if (spec) {
      nearWindow.unobserve(figure);
      const inner = element("div");
      find(".drawing", figure).append(inner);
      const view = new vega.View(vega.parse(vegaLite.compile(spec).spec), { logLevel: vega.Error, renderer: "svg" });
      view.initialize(inner).run();
      views.set(figure, view);
      show(view);
      figure.dataset.drawn = "true";
    }
  }
}

async function save(figure, kind) {
  const view = views.get(figure);
  if (!view) {
    await draw(figure);
  }
  const address = await views.get(figure).toImageURL(kind, kind === "png" ? 3 : 1);
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

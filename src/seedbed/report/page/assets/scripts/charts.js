// Charts are drawn when they come near the window, or before the page is printed.
const ERRORS = 1; // as Vega numbers its levels
const OPTIONS = {
  actions: false,
  ast: true, // Vega's interpreter: the page's policy forbids to turn text into code
  defaultStyle: false,
  logLevel: ERRORS, // a chart whose configurations are all off would complain
  renderer: "svg",
  tooltip: (_, event, item, value) => tellOfMark(event, value),
};
const markTip = element("div", { id: "vg-tooltip-element", "aria-hidden": "true" });
document.body.append(markTip);

// What a mark says beside the pointer: its values, with the full names of configurations.
function tellOfMark(event, value) {
  const empty = value === null || value === undefined || value === "";
  markTip.classList.toggle("visible", !empty);
  if (empty) {
    return;
  }
  const said = typeof value === "object" ? Object.entries(value) : [["", String(value)]];
  const rows = said.map(([key, text]) =>
    element("tr", {}, element("td", { class: "key" }, key), element("td", {}, data.full[text] ?? String(text))),
  );
  markTip.replaceChildren(element("table", {}, ...rows));
  const { width, height } = markTip.getBoundingClientRect();
  const left = Math.min(event.clientX + 12, innerWidth - width - 8);
  const top = event.clientY + 12 + height > innerHeight ? event.clientY - height - 8 : event.clientY + 12;
  markTip.style.left = `${Math.max(left, 4)}px`;
  markTip.style.top = `${Math.max(top, 4)}px`;
}

const views = new WeakMap();
let shown = null; // labels of the configurations that the legend leaves on; null: all

// A specification with rows instead of CSV: Vega's reader of CSV turns the header into code.
function readSpec(text) {
  const rows = (values) => (typeof values === "string" ? readCsv(values) : values);
  return JSON.parse(text, (key, value) => {
    if (key === "datasets") {
      return Object.fromEntries(Object.entries(value).map(([name, values]) => [name, rows(values)]));
    }
    if (key === "data" && value.format?.type === "csv") {
      return { ...value, values: rows(value.values), format: { ...value.format, type: "json" } };
    }
    return value;
  });
}

// The rows of a CSV text whose lines all end in a line feed, as objects.
function readCsv(text) {
  const rows = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,\n]*))([,\n]|$)/g)) {
    rows.at(-1).push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === "\n") {
      rows.push([]);
    }
  }
  rows.pop(); // what follows the last line
  const names = rows.shift();
  return rows.map((row) => Object.fromEntries(row.map((field, number) => [names[number], field])));
}

// The element with the specification; none where the chosen configuration has no such chart.
function specOf(figure) {
  const of = "single" in figure.dataset ? String(chosen[sectionOf(figure)]) : "all";
  return findAll("script.spec", figure).find((each) => each.dataset.of === of);
}

function hideWithoutSpec(figure) {
  figure.hidden = specOf(figure) === undefined;
  return figure.hidden;
}

async function draw(figure) {
  const turn = (figure.turn = (figure.turn ?? 0) + 1);
  const place = find(".drawing", figure);
  const spec = readSpec(specOf(figure).textContent);
  figure.dataset.drawn = "false";
  find(".title", figure).textContent = spec.usermeta.title;
  find(".subtitle", figure).textContent = spec.usermeta.subtitle;
  const inner = element("div", { "aria-hidden": "true" }); // it is described as a whole
  place.append(inner);
  if (figure.closest(".with-legend")) {
    dropLegend(spec);
  }
  setParameters(figure, spec);
  const { view } = await vegaEmbed(inner, spec, OPTIONS);
  if (turn !== figure.turn) {
    view.finalize();
    inner.remove();
    return;
  }
  views.get(figure)?.finalize();
  [...place.children].filter((each) => each !== inner).forEach((each) => each.remove());
  views.set(figure, view);
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

// A chart beside the legend shows the configurations that are on there.
const parameters = (figure) => (figure.closest(".with-legend") ? { shown } : {});

function setParameters(figure, spec) {
  const values = parameters(figure);
  for (const parameter of spec.params ?? []) {
    if (parameter.name in values) {
      parameter.value = values[parameter.name];
    }
  }
}

function update(figure) {
  const view = views.get(figure);
  if (view) {
    const { signals } = view.getState();
    const known = Object.entries(parameters(figure)).filter(([name]) => name in signals);
    known.forEach(([name, value]) => view.signal(name, value));
    view.runAsync();
  }
}

function showOnly(labels) {
  shown = labels;
  findAll(".with-legend figure.chart").forEach(update);
}

const nearWindow = new IntersectionObserver(
  (seen) => {
    for (const { isIntersecting, target } of seen) {
      if (isIntersecting) {
        nearWindow.unobserve(target);
        drawInTurn(target);
      }
    }
  },
  { rootMargin: "400px 0px" },
);

// One after the other, so that the page can be scrolled in between.
const whenIdle = window.requestIdleCallback ?? ((free) => setTimeout(free, 20));
let drawing = Promise.resolve();

function drawInTurn(figure) {
  drawing = drawing
    .then(() => new Promise((free) => whenIdle(free, { timeout: 300 })))
    .then(() => draw(figure))
    .catch((error) => {
      console.error(error);
      find(".drawing", figure).replaceChildren(element("p", { class: "note" }, "This chart could not be drawn."));
    });
}

function drawWhenNear(within) {
  const figures = findAll("figure.chart", within);
  figures.filter((each) => !hideWithoutSpec(each)).forEach((each) => nearWindow.observe(each));
}

function redraw(section) {
  for (const figure of findAll(`#${section} figure.chart[data-single]`)) {
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
  const spec = readSpec(specOf(figure).textContent);
  const drawing = find(".drawing", figure);
  spec.title = spec.usermeta.title;
  spec.background = "white";
  spec.width = Math.max(drawing.clientWidth, 480);
  const place = element("div", { class: "hidden" });
  document.body.append(place);
  setParameters(figure, spec);
  const { view } = await vegaEmbed(place, spec, OPTIONS);
  const address = await view.toImageURL(kind, kind === "png" ? 3 : 1);
  view.finalize();
  place.remove();
  download(address, figure.dataset.chart, kind);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-save]");
  if (button) {
    save(button.closest("figure"), button.dataset.save);
  }
});
watchers.push(redraw);
drawWhenNear(document);

// Switches configurations on and off in all charts at once. Of many, the best are on at first.
const AT_FIRST = 8;
const legend = document.getElementById("legend");

function line(configuration) {
  const space = "http://www.w3.org/2000/svg";
  const picture = document.createElementNS(space, "svg");
  const stroke = document.createElementNS(space, "line");
  picture.setAttribute("viewBox", "0 0 30 10");
  picture.setAttribute("aria-hidden", "true");
  const solid = configuration.dash[1] === 0;
  const attributes = {
    x1: 1, x2: 29, y1: 5, y2: 5,
    stroke: configuration.color,
    "stroke-width": 3,
    "stroke-dasharray": solid ? "none" : configuration.dash.join(" "),
  };
  Object.entries(attributes).forEach(([name, value]) => stroke.setAttribute(name, value));
  picture.append(stroke);
  return picture;
}

function fillLegend() {
  const configurations = data.configurations.filter((each) => each.n > 0);
  const best = [...configurations].sort((one, other) => other.accuracy - one.accuracy);
  const first = new Set(best.slice(0, AT_FIRST));
  const boxes = new Map();
  const list = find("ul", legend);
  for (const each of configurations) {
    const box = element("input", { type: "checkbox", checked: first.has(each) });
    boxes.set(each, box);
    const name = element("span", { class: "clamp", title: data.full[each.label] ?? each.label }, each.label);
    list.append(
      element("li", {}, element("label", {}, box, line(each), name, element("small", {}, percent(each.accuracy)))),
    );
  }

  function update() {
    const on = configurations.filter((each) => boxes.get(each).checked);
    const all = on.length === configurations.length;
    const status = document.getElementById("legend-status");
    status.hidden = all && configurations.length <= AT_FIRST;
    status.textContent =
      `${on.length} of ${configurations.length} shown` +
      (all || on.length !== first.size || on.some((each) => !first.has(each)) ? "" : ": those with the highest mean test accuracy");
    showOnly(all ? null : on.map((each) => each.label));
  }

  // Search narrows the list, and what "All" and "None" are about.
  const search = document.getElementById("legend-search");
  const found = () => configurations.filter((each) => !boxes.get(each).closest("li").hidden);
  search.addEventListener("input", () => {
    const words = search.value.toLowerCase().split(/\s+/);
    for (const each of configurations) {
      const label = each.label.toLowerCase();
      boxes.get(each).closest("li").hidden = !words.every((word) => label.includes(word));
    }
  });
  legend.addEventListener("change", update);
  legend.addEventListener("click", (event) => {
    const button = event.target.closest("[data-legend]");
    if (button) {
      found().forEach((each) => { boxes.get(each).checked = button.dataset.legend === "all"; });
      update();
    }
  });
  update();
}

if (legend) {
  fillLegend();
}

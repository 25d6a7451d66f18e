// Test images, each once in a sprite, with crisp pixels.
const TILE = 112; // pixels on the screen, about
const places = data.sets.map(
  (set) => new Map(set.sprite ? set.sprite.indices.map((index, place) => [index, place]) : []),
);

function tile(set, index, text) {
  const sprite = data.sets[set].sprite;
  const place = places[set].get(index);
  if (place === undefined) {
    return element("span", { class: "tile none", style: `--tile-width: ${TILE}px; --tile-height: ${TILE}px` }, "not in this page");
  }
  const factor = Math.max(Math.round(TILE / Math.max(sprite.width, sprite.height)), 1);
  const [width, height] = [sprite.width * factor, sprite.height * factor];
  const [row, column] = [Math.floor(place / sprite.columns), place % sprite.columns];
  const style = [
    `--tile-width: ${width}px`,
    `--tile-height: ${height}px`,
    `background-size: ${sprite.columns * width}px ${sprite.rows * height}px`,
    `background-position: ${-column * width}px ${-row * height}px`,
  ];
  const made = element("span", { class: `tile sprite-${sprite.number}`, role: "img", "aria-label": text });
  made.style.cssText = style.join("; ");
  return made;
}

// A test image with what is known of it.
function picture(configuration, index, label, predicted, probability, wrongIn) {
  const { set, n } = data.configurations[configuration];
  const classes = data.sets[set].classes;
  const votes = element("span", { class: "votes", "aria-hidden": "true" });
  for (let run = 0; run < n && n <= 12; run += 1) {
    votes.append(element("i", { class: run < wrongIn ? "wrong" : null }));
  }
  return element(
    "figure",
    { class: "picture", "data-index": index },
    tile(set, index, `Test image ${index}, of class ${classes[label]}`),
    element(
      "figcaption",
      {},
      element("span", { class: "what clamp" }, "label ", named(classes[label]), ", predicted ", named(classes[predicted]), ", "),
      element("span", {}, `${probability.toFixed(2)}, wrong in ${wrongIn} of ${n} ${n === 1 ? "run" : "runs"}, `),
      votes,
      element("span", {}, `no. ${index}`),
    ),
  );
}

// Test images, each once in a sprite, with crisp pixels.
const LARGE = 130; // pixels on the screen, at most
const SMALL = 98; // the same on a phone
const places = data.sets.map(
  (set) => new Map(set.sprite ? set.sprite.indices.map((index, place) => [index, place]) : []),
);

function tile(set, index, text) {
  const sprite = data.sets[set].sprite;
  const place = places[set].get(index);
  if (place === undefined) {
    return element("span", { class: "tile none" }, "not on this page");
  }
  // Whole factors keep pixels square; what is larger than the space is made smaller smoothly.
  const longest = Math.max(sprite.width, sprite.height);
  const factor = (space) => (longest > space ? space / longest : Math.floor(space / longest));
  const style = {
    "--width": sprite.width,
    "--height": sprite.height,
    "--columns": sprite.columns,
    "--column": place % sprite.columns,
    "--row": Math.floor(place / sprite.columns),
    "--large": factor(LARGE),
    "--small": factor(SMALL),
  };
  const smooth = longest > SMALL ? " smooth" : "";
  const made = element("span", { class: `tile sprite-${sprite.number}${smooth}`, role: "img", "aria-label": text });
  Object.entries(style).forEach(([name, value]) => made.style.setProperty(name, value));
  return made;
}

// A test image with its label and prediction.
function picture(configuration, index, label, predicted, probability, wrongIn) {
  const { set, n } = data.configurations[configuration];
  const classes = data.sets[set].classes;
  const votes = element("span", { class: "votes", "aria-hidden": "true" });
  for (let run = 0; n > 1 && n <= 12 && run < n; run += 1) {
    votes.append(element("i", { class: run < wrongIn ? "wrong" : null }));
  }
  return element(
    "figure",
    { class: "picture", "data-index": index },
    tile(set, index, `Test image ${index}, of class ${classes[label]}`),
    element(
      "figcaption",
      {},
      element("span", { class: "what clamp" }, "label ", named(classes[label]), ", "),
      element("span", { class: "what clamp" }, "predicted ", named(classes[predicted]), ", "),
      element("span", {}, `${probability.toFixed(2)}, wrong in ${wrongIn} of ${n} ${n === 1 ? "run" : "runs"}, `),
      votes,
      element("span", {}, `no. ${index}`),
    ),
  );
}

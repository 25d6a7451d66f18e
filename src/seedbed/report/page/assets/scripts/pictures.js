// Test images, each once in a sprite, with crisp pixels.
const LARGE = 130; // pixels on the screen, at most
const SMALL = 98; // the same on a phone
const MEDIUM = 84; // where many are shown
const THUMB = 48; // in a row of a list
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
    "--medium": factor(MEDIUM),
    "--thumb": factor(THUMB),
  };
  const smooth = longest > SMALL ? " smooth" : "";
  const made = element("span", { class: `tile sprite-${sprite.number}${smooth}`, role: "img", "aria-label": text });
  Object.entries(style).forEach(([name, value]) => made.style.setProperty(name, value));
  return made;
}

// What users call a test image: the path of its file, or a number.
const NAME_LENGTH = 40; // characters; longer names are shortened in the middle
const nameOf = (set, index) => data.sets[set].names[index] ?? String(index);

function shortened(name) {
  const letters = [...name]; // a pair of surrogates stays together
  const half = (NAME_LENGTH - 1) / 2;
  return letters.length <= NAME_LENGTH
    ? name
    : `${letters.slice(0, Math.floor(half)).join("")}…${letters.slice(-Math.ceil(half)).join("")}`;
}

// The tile and the name of a test image; a click on either opens its file, where the page can reach it.
function linked(set, index, children) {
  const href = data.sets[set].links[index];
  return href
    ? element("a", { href, target: "_blank", rel: "noreferrer" }, ...children)
    : element("span", {}, ...children);
}

function imageName(set, index) {
  const name = nameOf(set, index);
  const text = /^\d+$/.test(name) ? `image ${name}` : shortened(name);
  return element("span", { class: "name", title: name }, element("bdi", {}, text));
}

// A figure of a test image: its tile, what is known of it, and its name.
function figureOf(set, index, label, ...says) {
  const { classes } = data.sets[set];
  const text = `Test image ${nameOf(set, index)}, of class ${classes[label]}`;
  return element(
    "figure",
    { class: "picture", "data-index": index },
    linked(set, index, [tile(set, index, text), imageName(set, index)]),
    element("figcaption", {}, ...says),
  );
}

// A test image in a row of a list: what is known of it is said where it is pointed at.
function thumb(configuration, index, label, predicted, probability, wrongIn) {
  const { set, n } = data.configurations[configuration];
  const { classes } = data.sets[set];
  const sure = probability === null ? "" : `, ${probability.toFixed(2)}`;
  const text = `Test image ${nameOf(set, index)}: label ${classes[label]}, predicted ${classes[predicted]}` +
    `${sure}, wrong in ${wrongIn} of ${n} ${n === 1 ? "run" : "runs"}`;
  return element(
    "figure",
    { class: "picture thumb", "data-index": index, title: text },
    linked(set, index, [tile(set, index, text)]),
  );
}

// A test image with its label and prediction.
function picture(configuration, index, label, predicted, probability, wrongIn) {
  const { set, n } = data.configurations[configuration];
  const classes = data.sets[set].classes;
  const votes = element("span", { class: "votes", "aria-hidden": "true" });
  for (let run = 0; n > 1 && n <= 12 && run < n; run += 1) {
    votes.append(element("i", { class: run < wrongIn ? "wrong" : null }));
  }
  return figureOf(
    set,
    index,
    label,
    element("span", { class: "what clamp" }, "label ", named(classes[label]), ", "),
    element("span", { class: "what clamp" }, "predicted ", named(classes[predicted]), ", "),
    element("span", {}, [
      ...(probability === null ? [] : [probability.toFixed(2)]),
      ...(n > 1 ? [`${wrongIn} of ${n} wrong`] : []), // the only run is wrong about all images that are shown
    ].join(", ")),
    votes,
  );
}

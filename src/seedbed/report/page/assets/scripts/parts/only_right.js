// The test images that one network alone gets right.
const ONLY_RIGHT_AT_FIRST = 12;

function onlyRightPicture(network, [index, label, rightIn, others]) {
  const { set } = data.configurations[network.place];
  const { classes } = data.sets[set];
  const predictions = others.map(([predicted, wrongIn], place) => {
    const { name, n } = network.others[place];
    return element("span", { class: "what clamp" }, named(name), " predicts ", named(classes[predicted]), `, wrong in ${wrongIn} of ${n}`);
  });
  const says = element("span", { class: "what clamp" }, "label ", named(classes[label]), `, right in ${rightIn} of ${network.n}`);
  return figureOf(set, index, label, says, ...predictions);
}

function onlyRightOf(network) {
  const sheet = element("div", { class: "contact-sheet medium" });
  const more = element("button", { type: "button" }, `Show ${network.images.length - ONLY_RIGHT_AT_FIRST} more`);
  const show = (images) => sheet.append(...images.map((each) => onlyRightPicture(network, each)));
  show(network.images.slice(0, ONLY_RIGHT_AT_FIRST));
  more.addEventListener("click", () => {
    show(network.images.slice(ONLY_RIGHT_AT_FIRST));
    more.parentElement.remove();
  });
  const total = `${grouped(network.total)} ${network.total === 1 ? "image" : "images"}`;
  const names = element("span", { class: "clamp" }, "only ", named(network.name));
  const heading = element("h4", {}, names, element("span", { class: "rate" }, total));
  const made = element("section", { class: "pair" }, heading, sheet);
  if (network.images.length > ONLY_RIGHT_AT_FIRST) {
    made.append(element("p", { class: "tools" }, more));
  }
  if (network.total > network.images.length) {
    made.append(element("p", { class: "note" }, `The page shows the ${network.images.length} clearest of the ${total}.`));
  }
  return made;
}

const onlyRightPlace = document.getElementById("only-right-list");
if (onlyRightPlace) {
  onlyRightPlace.append(...partData("only-right").filter(({ total }) => total).map(onlyRightOf));
}

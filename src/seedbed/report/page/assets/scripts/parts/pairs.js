// The most confused pairs of the configuration that is chosen, with their images.
const PICTURES_OF_PAIR = 6;
const pairList = document.getElementById("pair-list");
const pairsOf = partData("pairs");

function fillPairs(configuration) {
  const { classes } = data.sets[data.configurations[configuration].set];
  const pairs = pairsOf[configuration];
  pairList.replaceChildren(
    ...pairs.map((pair) => {
      const [indices, probabilities, wrongIn] = pair.images;
      const sheet = element("div", { class: "contact-sheet" });
      indices.slice(0, PICTURES_OF_PAIR).forEach((index, place) => {
        sheet.append(
          picture(configuration, index, pair.true, pair.predicted, probabilities[place], wrongIn[place]),
        );
      });
      const names = element("span", { class: "clamp" }, named(classes[pair.true]), " predicted as ", named(classes[pair.predicted]));
      const rate = element("span", { class: "rate" }, percent(pair.rate));
      return element("section", { class: "pair" }, element("h4", {}, names, rate), sheet);
    }),
  );
  if (!pairs.length) {
    pairList.append(element("p", { class: "note" }, "No run misclassifies any image."));
  }
}

if (pairList) {
  showChosen(pairList, fillPairs);
}

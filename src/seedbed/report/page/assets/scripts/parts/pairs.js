// The most confused pairs of the configuration that is chosen, with their images.
const PICTURES_OF_PAIR = 6;
const PAIRS_AT_FIRST = 4;
const pairList = document.getElementById("pair-list");
const pairsOf = partData("pairs");
const morePairs = document.getElementById("more-pairs");

function fillPairs(configuration) {
  const { classes } = data.sets[data.configurations[configuration].set];
  const pairs = pairsOf[configuration];
  const most = Math.max(...pairs.map((pair) => pair.rate));
  pairList.replaceChildren(
    ...pairs.map((pair) => {
      const [indices, probabilities, wrongIn] = pair.images;
      const sheet = element("div", { class: "thumbs" });
      indices.slice(0, PICTURES_OF_PAIR).forEach((index, place) => {
        sheet.append(thumb(configuration, index, pair.true, pair.predicted, probabilities[place], wrongIn[place]));
      });
      const names = element(
        "button",
        { type: "button", class: "clamp", "data-pair": `${pair.true},${pair.predicted}`, title: "Show all images in the matrix" },
        named(classes[pair.true]), " predicted as ", named(classes[pair.predicted]),
      );
      const rate = element("span", { class: "rate" }, percent(pair.rate));
      const share = element("i", { class: "share", "aria-hidden": "true" });
      share.style.setProperty("--share", (pair.rate / most).toFixed(3));
      return element("section", { class: "pair" }, element("h4", {}, names, rate), share, sheet);
    }),
  );
  const rest = [...pairList.children].slice(PAIRS_AT_FIRST);
  rest.forEach((each) => { each.hidden = true; });
  morePairs.hidden = !rest.length;
  morePairs.textContent = `Show ${rest.length} more`;
  if (!pairs.length) {
    pairList.append(element("p", { class: "note" }, "No run misclassifies any image."));
  }
}

if (pairList) {
  showChosen(pairList, fillPairs);
  morePairs.addEventListener("click", () => {
    [...pairList.children].forEach((each) => { each.hidden = false; });
    morePairs.hidden = true;
  });
  pairList.addEventListener("click", (event) => {
    const button = event.target.closest("[data-pair]");
    if (button) {
      openPair(button.dataset.pair);
    }
  });
}

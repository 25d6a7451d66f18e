// "A closer look": everything that is shown of one configuration at a time.
const PICTURES_OF_PAIR = 6;
const HARD_AT_FIRST = 21;

function fillPairs() {
  const { set, pairs } = data.configurations[chosen.configuration];
  const { classes } = data.sets[set];
  const list = document.getElementById("pair-list");
  list.replaceChildren(
    ...pairs.map((pair) => {
      const [indices, probabilities, wrongIn] = pair.images;
      const sheet = element("div", { class: "contact-sheet" });
      indices.slice(0, PICTURES_OF_PAIR).forEach((index, place) => {
        sheet.append(
          picture(chosen.configuration, index, pair.true, pair.predicted, probabilities[place], wrongIn[place]),
        );
      });
      const names = element("span", { class: "clamp" }, named(classes[pair.true]), " taken for ", named(classes[pair.predicted]));
      const rate = element("span", { class: "rate" }, percent(pair.rate));
      return element("section", { class: "pair" }, element("h4", {}, names, rate), sheet);
    }),
  );
  if (!pairs.length) {
    list.append(element("p", { class: "note" }, "No run confuses anything."));
  }
}

function fillHard() {
  const { hard, wrongIn, n } = data.configurations[chosen.configuration];
  const always = wrongIn[n];
  const total = wrongIn.reduce((sum, each) => sum + each, 0);
  const ever = total - wrongIn[0];
  const some = n === 1
    ? `${grouped(ever)} of ${grouped(total)} test images are wrong in the only run.`
    : `Of ${grouped(total)} test images, ${grouped(ever)} are wrong in at least one run, and ${grouped(always)} in all ${n}.`;
  document.getElementById("hard-intro").textContent =
    some + (hard.length ? " First those that most runs get wrong; a label that all runs contradict may be wrong itself." : "");
  const shownHard = hard.slice(0, closer.hard);
  const more = document.getElementById("more-hard");
  more.hidden = shownHard.length === hard.length;
  more.textContent = `Show ${hard.length - shownHard.length} more`;
  document.getElementById("hard-list").replaceChildren(
    ...shownHard.map(([index, label, predicted, probability, times]) =>
      picture(chosen.configuration, index, label, predicted, probability, times),
    ),
  );
}

const closer = { hard: HARD_AT_FIRST };

function fillCloser() {
  closer.hard = HARD_AT_FIRST;
  grid.classes = FEW_CLASSES;
  fillMatrix();
  fillCellImages();
  fillPairs();
  fillHard();
}

function setUpCloser() {
  const mode = document.getElementById("confusion-mode");
  const other = document.getElementById("other");
  if (other) {
    const rest = findAll("option", other).map((each) => Number(each.value));
    grid.other = rest.find((each) => each !== chosen.configuration) ?? chosen.configuration;
    other.value = String(grid.other);
    other.addEventListener("change", () => {
      grid.other = Number(other.value);
      fillMatrix();
    });
  }
  mode.addEventListener("change", (event) => {
    grid.mode = event.target.value;
    if (other) {
      other.parentElement.hidden = grid.mode !== "difference";
    }
    fillMatrix();
  });
  document.getElementById("more-classes").addEventListener("click", () => {
    grid.classes += FEW_CLASSES;
    fillMatrix();
  });
  document.getElementById("more-hard").addEventListener("click", () => {
    closer.hard = Infinity;
    fillHard();
  });
  document.getElementById("copy-matrix").addEventListener("click", (event) => copy(matrixAsCsv(), event.target));
  matrixPlace.addEventListener("keydown", moveByKey);
  matrixPlace.addEventListener("click", (event) => {
    const cell = event.target.closest("[data-cell]");
    if (cell) {
      openCell(cell);
    }
  });
  watchers.push((choice) => choice === "configuration" && fillCloser());
  fillCloser();
}

if (matrixPlace) {
  setUpCloser();
}

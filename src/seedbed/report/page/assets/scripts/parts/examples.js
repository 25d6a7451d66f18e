// The hard examples of the chosen configuration.
const HARD_AT_FIRST = 10;
const examplesList = document.getElementById("hard-list");
const examplesOf = partData("hard-examples");
const examples = { count: HARD_AT_FIRST };

function fillExamples(configuration) {
  const { n } = data.configurations[configuration];
  const { hard, byWrong } = examplesOf[configuration];
  const always = byWrong[n];
  const total = byWrong.reduce((sum, each) => sum + each, 0);
  const ever = total - byWrong[0];
  const some = n === 1
    ? `${grouped(ever)} of ${grouped(total)} test images are misclassified in the only run.`
    : `Of ${grouped(total)} test images, ${grouped(ever)} are misclassified in at least one run, and ${grouped(always)} in all ${n}.`;
  document.getElementById("hard-intro").textContent =
    some + (hard.length ? " Those that most runs misclassify come first. If all runs contradict a label, the label itself may be wrong." : "");
  const shownHard = hard.slice(0, examples.count);
  const more = document.getElementById("more-hard");
  more.hidden = shownHard.length === hard.length;
  more.textContent = `Show ${hard.length - shownHard.length} more`;
  examplesList.replaceChildren(
    ...shownHard.map(([index, label, predicted, probability, times]) =>
      picture(configuration, index, label, predicted, probability, times),
    ),
  );
}

if (examplesList) {
  showChosen(examplesList, (configuration) => {
    examples.count = HARD_AT_FIRST;
    fillExamples(configuration);
  });
  document.getElementById("more-hard").addEventListener("click", () => {
    examples.count = Infinity;
    fillExamples(chosen[sectionOf(examplesList)]);
  });
}

// Terms are explained where they come first in a section: on hover, focus and tap.
const EXPLAINED = ".intro, .note, .answer li, .lead, caption > span, h3";
const tip = document.getElementById("tip");
let explainedBy = null; // the button whose explanation is shown

function explain(button) {
  explainedBy?.removeAttribute("aria-describedby");
  explainedBy = button;
  tip.hidden = button === null;
  if (button === null) {
    return;
  }
  button.setAttribute("aria-describedby", "tip");
  tip.replaceChildren(element("b", {}, button.dataset.term), ` ${button.dataset.meaning}`);
  const box = button.getBoundingClientRect();
  const left = Math.min(box.left, document.documentElement.clientWidth - tip.offsetWidth - 8);
  const below = box.bottom + tip.offsetHeight + 8 < innerHeight;
  tip.style.left = `${Math.max(left, 8) + scrollX}px`;
  tip.style.top = `${(below ? box.bottom + 4 : box.top - tip.offsetHeight - 4) + scrollY}px`;
}

// Wrap the first match of a pattern in the texts of some elements; whether there was one.
function markTerm(elements, [term, pattern, meaning]) {
  const sought = new RegExp(pattern, "m");
  for (const each of elements) {
    const walker = document.createTreeWalker(each, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const match = node.parentElement.closest("button, a, summary, label, bdi") ? null : sought.exec(node.data);
      if (match) {
        const word = node.splitText(match.index);
        const whole = /^[\w-]*/.exec(word.data.slice(match[0].length))[0]; // of "Calibrat": "Calibration"
        const text = match[0] + whole;
        word.splitText(text.length);
        const button = element(
          "button", { type: "button", class: "term", "data-term": `${term}:`, "data-meaning": meaning }, text,
        );
        word.replaceWith(button);
        return;
      }
    }
  }
}

for (const section of findAll(".masthead, main > section")) {
  const elements = findAll(EXPLAINED, section).filter((each) => !each.closest("template"));
  data.terms.forEach((term) => markTerm(elements, term));
}

document.addEventListener("mouseover", (event) => {
  const button = event.target.closest(".term");
  if (button) {
    explain(button);
  } else if (explainedBy && explainedBy !== document.activeElement && !event.target.closest("#tip")) {
    explain(null);
  }
});
document.addEventListener("focusin", (event) => explain(event.target.closest(".term")));
document.addEventListener("click", (event) => {
  const button = event.target.closest(".term");
  if (button || !event.target.closest("#tip")) {
    explain(button);
  }
});
document.addEventListener("keydown", (event) => event.key === "Escape" && explain(null));

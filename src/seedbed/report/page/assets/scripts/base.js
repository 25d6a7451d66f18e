// What all parts of the page use. Text of users' goes into the page as text only, never as HTML.
const data = JSON.parse(document.getElementById("page-data").textContent);

const find = (selector, within = document) => within.querySelector(selector);
const findAll = (selector, within = document) => [...within.querySelectorAll(selector)];

// An element with attributes and children, which are elements or text.
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) {
      made.setAttribute(name, value === true ? "" : value);
    }
  }
  made.append(...children);
  return made;
}

// A name, apart from the text around it, which may run in the other direction.
const named = (text) => element("bdi", { title: text.length > 40 ? text : null }, text);

const percent = (fraction, digits = 2) => `${(100 * fraction).toFixed(digits)}%`;
const grouped = (number, digits = 0) =>
  number.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });

// Which configuration a section shows, by the id of the section; `watchers` are told of a change.
const chosen = { ...data.chosen };
const watchers = [];
const sectionOf = (within) => within.closest("main > section").id;

findAll("select[data-choice]").forEach((select) => {
  const section = select.dataset.choice;
  select.value = String(chosen[section]);
  select.addEventListener("change", () => {
    chosen[section] = Number(select.value);
    watchers.forEach((tell) => tell(section));
  });
});

// What a part of the page is about; null where the page does not have it.
function partData(name) {
  const holder = document.getElementById(`data-${name}`);
  return holder && JSON.parse(holder.textContent);
}

// Fill a part with the configuration that its section shows, now and whenever that changes.
function showChosen(place, fill) {
  const section = sectionOf(place);
  const show = () => fill(chosen[section]);
  watchers.push((changed) => changed === section && show());
  show();
}

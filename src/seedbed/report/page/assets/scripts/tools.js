// Buttons that copy, details that are rendered when opened, and where the reader is.
async function copy(text, button) {
  const done = find(".done", button.parentElement);
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Some browsers allow it to no file: select the text, and copy it as a person would.
    const field = element("textarea", { class: "hidden" });
    field.value = text;
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
    button.focus();
  }
  done.textContent = "Copied.";
  setTimeout(() => { done.textContent = ""; }, 3000);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) {
    const texts = JSON.parse(find("script.copies", button.closest(".tables")).textContent);
    copy(texts[button.dataset.copy], button);
  }
});

function render(details) {
  const template = find(":scope > template", details);
  if (details.open && template) {
    const contents = element("div");
    contents.append(template.content);
    template.replaceWith(contents);
    drawWhenNear(contents);
  }
}

findAll("details").forEach((each) => {
  each.addEventListener("toggle", () => render(each));
  render(each);
});

// What is folded up is so on the screen only.
function unfold() {
  findAll("details.fold:not([open])").forEach((each) => { each.open = each.folded = true; });
  drawAllNow();
}
function foldAgain() {
  findAll("details.fold").filter((each) => each.folded).forEach((each) => { each.open = each.folded = false; });
}
addEventListener("beforeprint", unfold);
addEventListener("afterprint", foldAgain);
matchMedia("print").addEventListener("change", (media) => (media.matches ? unfold() : foldAgain()));

// A link to a part that is folded up opens it; browsers do that only for what is inside.
function openTarget() {
  const part = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (part?.matches("details")) { part.open = true; }
}
addEventListener("hashchange", openTarget);
openTarget();

// The entry of the contents that is being read.
const links = new Map(findAll(".contents a").map((each) => [each.hash.slice(1), each]));
const reading = new IntersectionObserver(
  (seen) => {
    for (const { isIntersecting, target } of seen) {
      if (isIntersecting) {
        links.forEach((link) => link.removeAttribute("aria-current"));
        links.get(target.id).setAttribute("aria-current", "location");
      }
    }
  },
  { rootMargin: "-20% 0px -75% 0px" },
);
findAll("main > section").forEach((each) => reading.observe(each));

// While the study is running the page reloads itself, unless its reader is busy with it.
const progress = document.getElementById("progress");
if (progress?.dataset.refresh) {
  const timer = setTimeout(() => location.reload(), 1000 * Number(progress.dataset.refresh));
  const pause = find("[data-pause]", progress);
  const stop = () => {
    clearTimeout(timer);
    pause.disabled = true;
    pause.textContent = "Reloading stopped";
  };
  pause.addEventListener("click", stop);
  document.getElementById("main").addEventListener("click", stop, { once: true });
}

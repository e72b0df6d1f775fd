// Small comforts on top of pages that work without any of this.
document.documentElement.classList.add("scripted");

/** Say something for a moment, to eyes and screen readers. */
export function toast(text) {
  const region = document.querySelector("[data-toasts]");
  if (!region) return;
  const line = document.createElement("p");
  line.textContent = text;
  region.replaceChildren(line);
  setTimeout(() => line.remove(), 5000);
}

const summary = document.querySelector("[data-error-summary]");
if (summary) summary.focus();

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      toast(button.dataset.done);
    } catch {
      toast(button.dataset.failed);
    }
  });
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.addEventListener("click", () => window.print());
}

for (const field of document.querySelectorAll("[data-count]")) {
  const shown = document.getElementById(field.dataset.count);
  const limit = field.getAttribute("maxlength");
  const count = () => {
    shown.textContent = `${field.value.length} / ${limit}`;
  };
  field.addEventListener("input", count);
  count();
}

for (const opener of document.querySelectorAll("[data-dialog]")) {
  const dialog = document.getElementById(opener.dataset.dialog);
  opener.addEventListener("click", () => dialog.showModal());
}

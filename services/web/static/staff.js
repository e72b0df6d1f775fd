// What every page of the console may have on top of working without it.
import "./pages.js";

/* A region that was there from the beginning is not read out: say it anew. */
for (const said of document.querySelectorAll("[data-said]")) {
  const text = said.textContent;
  said.textContent = "";
  requestAnimationFrame(() => {
    said.textContent = text;
  });
}

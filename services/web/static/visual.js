// The place of the telephone, only when it is asked for. All else works without this.
for (const form of document.querySelectorAll("[data-place]")) {
  const said = form.querySelector("[data-located]");
  form.querySelector("[data-locate]").addEventListener("click", () => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        form.elements.lat.value = coords.latitude.toFixed(5);
        form.elements.lon.value = coords.longitude.toFixed(5);
        said.textContent = form.dataset.found;
      },
      () => {
        said.textContent = form.dataset.failed;
      },
      { enableHighAccuracy: true, timeout: 10000, maximumAge: 60000 },
    );
  });
}

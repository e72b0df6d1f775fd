// The complaint form: first the district and then its dongs; the device's place on request.
const holder = document.querySelector("[data-places]");
const places = document.getElementById("place");
const groups = [...places.querySelectorAll("optgroup")];

const districts = document.createElement("select");
districts.className = "input";
districts.id = "district";
districts.add(new Option(holder.dataset.all, ""));
for (const group of groups) districts.add(new Option(group.label, group.label));
districts.value = places.selectedOptions[0]?.parentElement.label ?? "";

const label = document.createElement("label");
label.className = "label";
label.htmlFor = districts.id;
label.textContent = holder.dataset.district;

const field = document.createElement("div");
field.className = "field";
field.append(label, districts);
holder.prepend(field);
holder.classList.add("pair");

function narrow() {
  const kept = places.value;
  for (const group of groups) group.remove();
  places.append(...groups.filter((group) => !districts.value || group.label === districts.value));
  places.value = kept;
  if (places.selectedIndex < 0) places.selectedIndex = 0;
}
districts.addEventListener("change", narrow);
if (districts.value) narrow();

const location = document.querySelector("[data-location]");
const said = location.querySelector("[data-said]");
const forget = location.querySelector("[data-forget]");
const lat = document.querySelector('input[name="lat"]');
const lon = document.querySelector('input[name="lon"]');

function put(point) {
  lat.value = point ? point.latitude.toFixed(6) : "";
  lon.value = point ? point.longitude.toFixed(6) : "";
  forget.hidden = !point;
}
forget.hidden = !lat.value;
forget.addEventListener("click", () => {
  put(null);
  said.textContent = "";
});
location.querySelector("[data-locate]").addEventListener("click", () => {
  said.textContent = location.dataset.asking;
  const failed = () => {
    put(null);
    said.textContent = location.dataset.failed;
  };
  if (!navigator.geolocation) {
    failed();
    return;
  }
  navigator.geolocation.getCurrentPosition(
    (position) => {
      put(position.coords);
      said.textContent = location.dataset.found;
    },
    failed,
    { enableHighAccuracy: true, timeout: 10000, maximumAge: 60000 },
  );
});

/* A parcel to draw a line over: each click adds a point, the line is told to Python. */
export default function (component) {
  const { data, parentElement, setStateValue } = component;
  const host = parentElement.querySelector(".cutter");
  if (host.shownHtml === data.html) { return; }
  host.shownHtml = data.html;
  host.innerHTML = data.html;
  const svg = host.querySelector("svg");
  const line = svg.querySelector(".line");
  let points = data.line || [];
  const show = () => line.setAttribute("points", points.map((p) => p.join(",")).join(" "));
  const tell = () => { show(); setStateValue("line", points); };
  show();
  svg.onclick = (event) => {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    points = [...points, [Math.round(at.x * 100) / 100, Math.round(at.y * 100) / 100]];
    tell();
  };
  host.querySelector("[data-clear]").onclick = () => { points = []; tell(); };
}

// Shows /openapi/v1.json. Everything is set as text, so that nothing in it becomes markup.
const make = (name, text, parent, type) => {
  const element = document.createElement(name);
  element.textContent = text ?? "";
  if (type) element.className = type;
  parent.append(element);
  return element;
};

const showBody = (title, content, parent) => {
  for (const [type, media] of Object.entries(content ?? {})) {
    make("p", `${title}: ${type}`, parent);
    const examples = media.examples ? Object.values(media.examples).map(one => one.value) : [media.example ?? media.schema];
    for (const example of examples.filter(one => one !== undefined)) make("pre", JSON.stringify(example, null, 2), parent);
  }
};

const showRoute = (method, path, operation, parent) => {
  const route = make("details", "", parent);
  const summary = make("summary", "", route);
  make("span", method.toUpperCase(), summary, "method");
  summary.append(path);
  for (const parameter of operation.parameters ?? []) make("p", `${parameter.in}: ${parameter.name}${parameter.required ? " (required)" : ""}`, route);
  showBody("Body", operation.requestBody?.content, route);
  for (const [status, response] of Object.entries(operation.responses ?? {})) {
    const answer = make("details", "", route);
    make("summary", `${status} ${response.description ?? ""}`, answer);
    showBody("Answer", response.content, answer);
  }
  route.dataset.text = `${method} ${path} ${(operation.tags ?? []).join(" ")}`.toLowerCase();
};

const api = await (await fetch("/openapi/v1.json")).json();
document.getElementById("about").textContent = api.info.description;
const routes = document.getElementById("routes");
const sections = new Map();
for (const [path, operations] of Object.entries(api.paths)) {
  for (const [method, operation] of Object.entries(operations)) {
    const tag = operation.tags?.[0] ?? "other";
    if (!sections.has(tag)) {
      const section = make("section", "", routes);
      make("h2", tag, section);
      sections.set(tag, section);
    }
    showRoute(method, path, operation, sections.get(tag));
  }
}
document.getElementById("filter").addEventListener("input", event => {
  const wanted = event.target.value.toLowerCase();
  for (const route of routes.querySelectorAll("section > details")) route.hidden = !route.dataset.text.includes(wanted);
});

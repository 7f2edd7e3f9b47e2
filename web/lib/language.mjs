// ComfyUI has no Dutch and no Finnish: it takes a Comfy.Locale of nl or fi back to English, and never asks for our texts.
// They are then laid over its own language's, before nodes are registered.
const NAME = "Phonofilm.Language";
const OWN = { nl: "Nederlands", fi: "Suomi" };

export const languageSetting = {
  id: NAME,
  category: ["Phonofilm", "Nodes", "Language"],
  name: "Language of the nodes",
  tooltip:
    "ComfyUI itself has no Dutch and no Finnish. Phonofilm's nodes can have them all the same; what is not Phonofilm's stays as it is. Takes effect when the page is loaded again.",
  type: "combo",
  options: [{ text: "As ComfyUI", value: "host" }, ...Object.entries(OWN).map(([value, text]) => ({ text, value }))],
  defaultValue: Object.keys(OWN).find((code) => navigator.language.startsWith(code)) ?? "host",
};

export async function applyLanguage(app, api) {
  const code = app.extensionManager.setting.get(NAME);
  if (!(code in OWN)) return;
  const texts = (await api.getCustomNodesI18n())[code];
  const vue = document.getElementById("vue-app").__vue_app__;
  const { global } = vue._context.provides[vue.__VUE_I18N_SYMBOL__];
  global.mergeLocaleMessage(global.locale.value, texts);
}

// Makes the console's style sheets and scripts: `make assets`. Arguments: folder of node_modules, folder to write to.
// The same packages (package-lock.json) give the same bytes; tests/foreign/test_foreign_assets.py holds us to it.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const [modules, out] = process.argv.slice(2).map((one) => resolve(one));
const load = createRequire(pathToFileURL(join(modules, "at-home.js")));
const sass = load("sass");
const rtlcss = load("rtlcss");
const CleanCss = load("clean-css");

const licence = "/*! Made of GOV.UK Frontend, copyright Crown, Government Digital Service; MIT licence. */\n";
const small = (css) => licence + new CleanCss({ level: 1 }).minify(css).styles + "\n";
const { css } = sass.compile(join(here, "console.scss"), { loadPaths: [modules], quietDeps: true });

mkdirSync(out, { recursive: true });
writeFileSync(join(out, "console.css"), small(css));
writeFileSync(join(out, "console.rtl.css"), small(rtlcss.process(css)));
const script = readFileSync(join(modules, "govuk-frontend/dist/govuk/govuk-frontend.min.js"), "utf8");
writeFileSync(join(out, "govuk-frontend.js"), licence + script.replace(/\n?\/\/# sourceMappingURL=.*\s*$/, "\n"));
for (const name of ["console.js", "icon.svg", "passkey.js", "upload.js"]) copyFileSync(join(here, name), join(out, name));

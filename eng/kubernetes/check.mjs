// Holds rendered manifests to Kubernetes' own types:  node eng/kubernetes/check.mjs FILE...   ('kubectl kustomize DIRECTORY > FILE')
// Three passes over each object: its apiVersion and kind are among those allowed; its values fit the JSON schema of the OpenAPI types (ajv, by kubernetes-models); and it
// has no field that the types do not know (TypeScript's check of object literals, which the schemas leave open). Prints every mistake; the exit code is 1 if there is one.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const ts = require("typescript");
const { parseAllDocuments } = require("yaml");

// Stable versions only; whoever needs another kind adds it here and knows that NetworkPolicies, probes and the like have been thought of.
const allowed = {
  "v1": ["Namespace", "ServiceAccount", "ConfigMap", "Secret", "Service"],
  "apps/v1": ["Deployment", "StatefulSet"],
  "batch/v1": ["Job"],
  "autoscaling/v2": ["HorizontalPodAutoscaler"],
  "policy/v1": ["PodDisruptionBudget"],
  "networking.k8s.io/v1": ["NetworkPolicy"],
};

// YAML anchors and duplicate keys are the parser's to judge.
function read(file) {
  return parseAllDocuments(readFileSync(file, "utf8"), { strict: true, uniqueKeys: true }).flatMap((document, index) => {
    if (document.errors.length > 0) {
      return [{ file, name: `document ${index + 1}`, mistakes: document.errors.map((error) => error.message.split("\n")[0]) }];
    }
    const value = document.toJS();
    if (value?.kind === "Secret") {
      // Base64 over several lines, as kustomize writes it, is fine with Kubernetes, but not with the schema.
      value.data = Object.fromEntries(Object.entries(value.data ?? {}).map(([key, data]) => [key, `${data}`.replaceAll("\n", "")]));
    }
    return value === null ? [] : [{ file, name: `${value.kind}/${value.metadata?.name}`, value, mistakes: [] }];
  });
}

function checkSchema(object) {
  const { apiVersion, kind } = object.value;
  if (!allowed[apiVersion]?.includes(kind)) {
    object.mistakes.push(`apiVersion ${apiVersion} with kind ${kind} is not among those allowed (eng/kubernetes/check.mjs has the list)`);
    return;
  }
  object.module = `kubernetes-models/${apiVersion}/${kind}`;
  const Model = require(object.module)[kind];
  try {
    new Model(object.value).validate();
  } catch (error) {
    object.mistakes.push(error.message);
  }
}

// One program for all objects, because reading the types is what takes the time.
function checkFields(objects) {
  const lines = objects.flatMap((object, index) => {
    const { kind } = object.value;
    return [`import type { I${kind} as T${index} } from "${object.module}";`, `export const o${index}: T${index} = ${JSON.stringify(object.value)};`];
  });
  const name = join(here, "rendered.ts");
  const options = {
    noEmit: true, strict: true, skipLibCheck: true, types: [], module: ts.ModuleKind.CommonJS, moduleResolution: ts.ModuleResolutionKind.Node10, target: ts.ScriptTarget.ES2022,
  };
  const host = ts.createCompilerHost(options);
  const source = ts.createSourceFile(name, lines.join("\n"), ts.ScriptTarget.ES2022, true);
  const getSourceFile = host.getSourceFile.bind(host);
  host.getSourceFile = (file, ...rest) => (file === name ? source : getSourceFile(file, ...rest));
  const fileExists = host.fileExists.bind(host);
  host.fileExists = (file) => file === name || fileExists(file);
  const program = ts.createProgram([name], options, host);
  for (const diagnostic of [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source), ...program.getGlobalDiagnostics()]) {
    const text = ts.flattenDiagnosticMessageText(diagnostic.messageText, " ");
    if (diagnostic.file !== source) {
      throw new Error(`the check itself is broken: ${text}`);
    }
    const line = source.getLineAndCharacterOfPosition(diagnostic.start).line;
    objects[Math.floor(line / 2)].mistakes.push(text);
  }
}

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error("node eng/kubernetes/check.mjs FILE...");
  process.exit(2);
}
const objects = files.flatMap(read);
const readable = objects.filter((object) => object.value);
readable.forEach(checkSchema);
checkFields(readable.filter((object) => object.module));
for (const { file, name, mistakes } of objects) {
  for (const mistake of mistakes) {
    console.log(`${file}: ${name}: ${mistake}`);
  }
}
const wrong = objects.filter((object) => object.mistakes.length > 0).length;
console.log(`${objects.length} objects in ${files.length} files, ${wrong} with mistakes.`);
process.exit(wrong === 0 ? 0 : 1);

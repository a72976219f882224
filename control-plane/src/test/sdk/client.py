"""Drives an unmodified OpenAI client against a sidecar: client.py BASE_URL. Prints one JSON object, a result per case."""

import json
import sys

import openai
from openai import OpenAI

client = OpenAI(base_url=sys.argv[1], api_key="agent-key", max_retries=0)
MESSAGES = [{"role": "user", "content": "hello"}]
TOOLS = [
    {
        "type": "function",
        "function": {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}},
    }
]


def plain():
    raw = client.chat.completions.with_raw_response.create(model="m", messages=MESSAGES)
    answer = raw.parse()
    return {
        "text": answer.choices[0].message.content,
        "tokens": answer.usage.total_tokens,
        "provider": raw.headers["weir-provider"],
        "requestId": answer._request_id,
    }


def streamed():
    # the first choice of every chunk, as many agents read it
    return {"text": "".join(c.choices[0].delta.content or "" for c in stream())}


def streamed_with_usage():
    chunks = list(stream(stream_options={"include_usage": True}))
    return {"tokens": chunks[-1].usage.total_tokens, "emptyChunks": sum(not c.choices for c in chunks)}


def stream(**more):
    return client.chat.completions.create(model="m", messages=MESSAGES, stream=True, **more)


def tools():
    answer = client.chat.completions.create(model="m", messages=MESSAGES, tools=TOOLS)
    call = answer.choices[0].message.tool_calls[0]
    return {"name": call.function.name, "arguments": json.loads(call.function.arguments)}


def streamed_tools():
    name, arguments = "", ""
    for chunk in stream(tools=TOOLS):
        for call in chunk.choices[0].delta.tool_calls or []:
            name += call.function.name or ""
            arguments += call.function.arguments or ""
    return {"name": name, "arguments": json.loads(arguments)}


def failure(model):
    try:
        client.chat.completions.create(model=model, messages=MESSAGES)
    except openai.APIStatusError as e:
        return {
            "error": type(e).__name__,
            "status": e.status_code,
            "code": e.code,
            "param": e.param,
            "message": str(e),
            "requestId": e.request_id,
        }
    return {}


def models():
    return {"ids": [model.id for model in client.models.list()]}


print(
    json.dumps(
        {
            "plain": plain(),
            "streamed": streamed(),
            "streamedWithUsage": streamed_with_usage(),
            "tools": tools(),
            "streamedTools": streamed_tools(),
            "unknownModel": failure("nobody-has-this"),
            "noProvider": failure("idle"),
            "models": models(),
        }
    )
)

"""One call with OpenAI's client as it comes: what it got, and how long that took."""
import sys
import time

from openai import OpenAI

client = OpenAI(base_url=sys.argv[1], api_key="unused")
begin = time.monotonic()
answer = client.chat.completions.create(model="alone", messages=[{"role": "user", "content": "Hello"}])
print(answer.choices[0].message.content, time.monotonic() - begin)

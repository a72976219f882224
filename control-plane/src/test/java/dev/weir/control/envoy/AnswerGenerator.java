package dev.weir.control.envoy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Random answers, and what of each an agent that did not ask for usage is to see. The same seed gives the same answer. */
final class AnswerGenerator {
    /** How the body's end is told. */
    enum Framing {
        CHUNKED,
        LENGTH,
        CLOSE
    }

    /** How the connection ends before that, if at all. */
    enum Cut {
        NONE,
        CLOSE,
        RESET
    }

    /**
     * An answer.
     *
     * @param pieces of the body as they are sent, with a pause behind some
     * @param pauses milliseconds behind each piece
     * @param whole the body, of which a cut leaves out the end
     * @param hiddenFrom where in it the usage event begins that an agent that did not ask for it does not see
     * @param hiddenTo where what belongs to that event ends; the same where there is none
     * @param counted whether its usage is {@link AnswerMesh#USAGE}; false = not known
     */
    record Case(
            int status,
            List<String> headers,
            Framing framing,
            Cut cut,
            List<String> pieces,
            List<Integer> pauses,
            String whole,
            int hiddenFrom,
            int hiddenTo,
            boolean counted) {
        /** What is sent. */
        String body() {
            return String.join("", pieces);
        }

        /** How many bytes an agent sees of what comes before {@code at}, an index into the body. */
        int seenBefore(int at, boolean hides) {
            String before = hides && at > hiddenFrom
                    ? whole.substring(0, hiddenFrom) + whole.substring(hiddenTo, Math.max(at, hiddenTo))
                    : whole.substring(0, at);
            return before.getBytes(StandardCharsets.UTF_8).length;
        }

        String seen(boolean hides) {
            String body = body();
            if (!hides || body.length() <= hiddenFrom) {
                return body;
            }
            return body.substring(0, hiddenFrom) + body.substring(Math.min(hiddenTo, body.length()));
        }

        @Override
        public String toString() {
            return status + " " + headers + " " + framing + " " + cut + " pieces " + pieces;
        }
    }

    /** Some of a body, and whether it is the usage event. */
    private record Part(String text, boolean usage) {}

    private static final List<String> TYPES = List.of(
            "text/event-stream",
            "text/event-stream; charset=utf-8",
            "Text/Event-Stream",
            "text/plain",
            "application/octet-stream",
            "application/json",
            "application/x-ndjson",
            "");
    private static final String COUNTS = AnswerMesh.COUNTS;
    private static final List<String> USAGE_CHUNKS = List.of(
            "{\"choices\":[]," + COUNTS + "}",
            "{\"id\":\"c\",\"choices\":null," + COUNTS + "}",
            "{" + COUNTS + "}",
            "{\"choices\":[{\"index\":0,\"delta\":{}}]," + COUNTS + ",\"x\":\"}{\\\"\"}",
            "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},\"finish_reason\":null}]," + COUNTS + "}",
            "{ \"usage\" : " + COUNTS.substring(8) + " , \"choices\" : [ ] } ");
    private static final List<String> CHUNKS = List.of(
            "{\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}],\"usage\":null}",
            "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"h\u00e9 \\\"usage\\\":{ \ud83d\ude00\"}}]}",
            "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"}}]," + COUNTS + "}",
            "{\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"function\":{\"arguments\":\"{\\\"a\\\":\"}}]}}]}",
            "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":null}",
            "{\"choices\":[],\"usage\":null,\"prompt_filter_results\":[{}]}",
            "{\"choices\":[{\"text\":\"legacy\"}]}",
            "{}",
            "[DONE]",
            "not json }",
            "");

    private final Random random;

    AnswerGenerator(long seed) {
        random = new Random(seed);
    }

    Case next() {
        return switch (random.nextInt(10)) {
            case 0 -> other(random(random.nextInt(3_000)));
            case 1 ->
                other(one(
                        List.of("<html>502 Bad\r\nGateway</html>", "", "\n", "data", "nul", "x: {" + COUNTS + "}\n")));
            case 2 -> json();
            default -> events();
        };
    }

    private Case events() {
        String end = one(List.of("\n", "\r\n", "\r"));
        boolean blanks = random.nextInt(4) > 0;
        List<Part> parts = new ArrayList<>();
        if (random.nextInt(10) == 0) {
            parts.add(new Part("\ufeff", false));
        }
        int before = random.nextInt(12);
        for (int i = 0; i < before; i++) {
            parts.add(new Part(event(end, blanks), false));
        }
        boolean usage = random.nextInt(4) > 0;
        if (usage) {
            parts.add(new Part(usageEvent(end, blanks), true));
        }
        int after = random.nextInt(3);
        for (int i = 0; i < after; i++) {
            parts.add(new Part(event(end, blanks), false));
        }
        if (random.nextInt(3) == 0) {
            cutEnd(parts, end);
        } else if (random.nextInt(8) == 0 && blanks) {
            parts.add(new Part("data: {\"choices\":[{\"delta\":{\"ro", false));
        }
        String type = one(TYPES);
        Framing framing = one(List.of(Framing.values()));
        boolean encoded = random.nextInt(12) == 0;
        int status = random.nextInt(10) == 0 ? one(List.of(201, 400, 404, 502)) : 200;
        boolean seen = !encoded && status < 300;
        // a length that JSON has is kept, and so is the event
        boolean hides = seen && !(framing == Framing.LENGTH && type.endsWith("json"));
        StringBuilder all = new StringBuilder();
        int from = 0;
        int to = 0;
        for (Part part : parts) {
            if (part.usage && hides) {
                from = all.length();
                to = from + part.text.length();
            }
            all.append(part.text);
        }
        return cased(status, headers(type, encoded), framing, all.toString(), from, to, usage && seen);
    }

    private String event(String end, boolean blanks) {
        String blank = blanks ? end : "";
        return switch (random.nextInt(8)) {
            case 0 -> ": comment" + end + blank;
            case 1 -> "event: thing" + end + "data: " + one(CHUNKS) + end + blank;
            case 2 -> "id: 7" + end + "retry: 10" + end + "data:" + one(CHUNKS) + end + blank;
            case 3 -> blanks ? "data: {\"choices\":[]," + end + "data: \"usage\":null}" + end + blank : ":" + end;
            case 4 ->
                "data: {\"choices\":[{\"delta\":{\"content\":\"" + random.nextInt() + "x".repeat(random.nextInt(3_000))
                        + "\"}}]}" + end + blank;
            default -> "data: " + one(CHUNKS) + end + blank;
        };
    }

    private String usageEvent(String end, boolean blanks) {
        String chunk = one(USAGE_CHUNKS);
        String space = random.nextBoolean() ? " " : "";
        if (blanks && random.nextInt(4) == 0) {
            return "data:" + space + chunk.replace(",", "," + end + "data: ") + end + end;
        }
        return "data:" + space + chunk + end + (blanks ? end : "");
    }

    /** The last line without its end. */
    private static void cutEnd(List<Part> parts, String end) {
        if (!parts.isEmpty()) {
            Part last = parts.remove(parts.size() - 1);
            String text = last.text;
            while (text.endsWith(end)) {
                text = text.substring(0, text.length() - end.length());
            }
            parts.add(new Part(text, last.usage));
        }
    }

    private Case json() {
        String space = " \n\r\t".repeat(random.nextInt(3));
        String item = "{\"embedding\":[0.1,-2e-3,\"\\\"usage\\\":{}\"],\"usage\":{\"prompt_tokens\":1}},";
        String body = space + "{\"data\":[" + item.repeat(random.nextInt(random.nextInt(10) == 0 ? 5_000 : 20)) + "{}],"
                + COUNTS + "}" + space;
        boolean encoded = random.nextInt(12) == 0;
        return cased(200, headers(one(TYPES), encoded), one(List.of(Framing.values())), body, 0, 0, !encoded);
    }

    private Case other(String body) {
        return cased(
                random.nextBoolean() ? 200 : 500,
                headers(one(TYPES), random.nextInt(4) == 0),
                one(List.of(Framing.values())),
                body,
                0,
                0,
                false);
    }

    private List<String> headers(String type, boolean encoded) {
        List<String> headers = new ArrayList<>();
        if (!type.isEmpty()) {
            headers.addAll(List.of("content-type", type));
        }
        if (encoded) {
            headers.addAll(List.of("content-encoding", one(List.of("gzip", "br", "zstd", "deflate"))));
        }
        return headers;
    }

    private Case cased(
            int status, List<String> headers, Framing framing, String body, int from, int to, boolean counted) {
        Cut cut = framing != Framing.CLOSE && random.nextInt(10) == 0 ? one(List.of(Cut.CLOSE, Cut.RESET)) : Cut.NONE;
        List<String> pieces = new ArrayList<>();
        List<Integer> pauses = new ArrayList<>();
        boolean paused = random.nextInt(3) == 0;
        int rests = 4;
        int mean = one(List.of(1, 10, 100, 2_000, 100_000));
        for (int at = 0; at < body.length(); ) {
            // where they are cut short is no matter of size alone: many end where a line does
            int end = Math.min(body.length(), at + 1 + random.nextInt(Math.max(mean, body.length() / 200 + 1)));
            int newline = body.indexOf('\n', at);
            if (newline >= 0 && random.nextInt(3) == 0) {
                end = Math.min(end, newline + 1);
            }
            if (end < body.length() && Character.isLowSurrogate(body.charAt(end))) {
                end++;
            }
            pieces.add(body.substring(at, end));
            boolean line = body.charAt(end - 1) == '\n';
            pauses.add(paused && rests > 0 && random.nextInt(line ? 2 : 6) == 0 ? 25 : 0);
            rests -= pauses.get(pauses.size() - 1) > 0 ? 1 : 0;
            at = end;
        }
        if (cut != Cut.NONE && !pieces.isEmpty()) {
            int left = 1 + random.nextInt(pieces.size());
            pieces = new ArrayList<>(pieces.subList(0, left));
            pauses = new ArrayList<>(pauses.subList(0, left));
            pauses.set(left - 1, 25); // what is read together with the cut may be lost with it
        }
        return new Case(status, headers, framing, cut, pieces, pauses, body, from, to, counted && cut == Cut.NONE);
    }

    private String random(int length) {
        char[] text = new char[length];
        for (int i = 0; i < length; i++) {
            text[i] = (char) random.nextInt(128);
        }
        return new String(text);
    }

    private <T> T one(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }
}

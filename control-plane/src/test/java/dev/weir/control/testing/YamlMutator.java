package dev.weir.control.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Changes YAML as people, generators and strangers do: lines, values, single characters, and what YAML can do beyond them. */
public final class YamlMutator {
    private static final Pattern VALUE = Pattern.compile("(:|-) +([^#\\s][^#]*?)(\\s*)(#.*)?$");
    private static final String[] ABSURD = {
        "",
        "~",
        "null",
        "-1",
        "0",
        "1e999",
        ".inf",
        "-.inf",
        ".nan",
        "99999999999999999999999999",
        "0x10",
        "0o17",
        "1_000",
        "2024-13-45",
        "12:30:45",
        "yes",
        "[]",
        "{}",
        "[[[[[[[[]]]]]]]]",
        "{a: {b: {c: {}}}}",
        "[1, a, {}]",
        "''",
        "'\u00e4\u200f\ud83d\ude00'",
        "\"\\u0000\\x07\"",
        "|",
        ">-",
        "!!binary aGFsbG8=",
        "!!binary '***'",
        "!!set {a, b}",
        "!!omap [a: 1]",
        "!!pairs [a]",
        "!!int abc",
        "!!float x",
        "!!bool perhaps",
        "!!timestamp now",
        "!!null x",
        "!!java.net.URL [http://a]",
        "!!python/object:os.system x",
        "!own x",
        "&a [*a]",
        "&a {b: *a}",
        "*a",
        "*nobody",
        "9223372036854775808s",
        "-5ms",
        "1e9GiB",
        "127.0.0.1:99999",
        "'[::]:1'",
        "/dev/zero",
        "/",
        "../../../../../../etc/passwd",
        "'a/\\0b'",
        "0x" + "f".repeat(64),
        "x".repeat(70_000)
    };
    private static final String[] PIECES = {
        ":",
        ": ",
        "- ",
        "#",
        "{",
        "}",
        "[",
        "]",
        ",",
        "&a ",
        "*a",
        "!",
        "!!",
        "|",
        ">",
        "'",
        "\"",
        "%",
        "@",
        "`",
        "?",
        "? ",
        "<<: *a",
        "<<: {a: 1}",
        "---",
        "...",
        "\t",
        "\n",
        "\r",
        "\u0000",
        "\u2028",
        "\ufeff",
        "\ud800",
        "\u0085"
    };

    private final Random random;

    public YamlMutator(Random random) {
        this.random = random;
    }

    /** One to four changes. */
    public String mutate(String text) {
        String result = text;
        for (int i = 0; i <= random.nextInt(4); i++) {
            result = once(result);
        }
        return result;
    }

    private String once(String text) {
        List<String> lines = new ArrayList<>(text.lines().toList());
        if (lines.size() < 2) {
            return text + PIECES[random.nextInt(PIECES.length)];
        }
        int at = random.nextInt(lines.size());
        int other = random.nextInt(lines.size());
        String line = lines.get(at);
        switch (random.nextInt(11)) {
            case 0 -> lines.set(at, line.replaceFirst("# ?", "")); // what a sample has for those who want it
            case 1 -> lines.remove(at);
            case 2 -> lines.add(other, line);
            case 3 -> lines.set(at, lines.set(other, line));
            case 4 -> lines.set(at, " ".repeat(random.nextInt(4)) + line);
            case 5 -> lines.set(at, line.replaceFirst(" ", ""));
            case 6 -> lines.set(at, valued(line, ABSURD[random.nextInt(ABSURD.length)]));
            case 7 -> lines.set(at, valued(line, value(lines.get(other))));
            case 8 -> lines.set(at, changed(line, PIECES[random.nextInt(PIECES.length)]));
            case 9 -> lines.set(at, changed(line, Character.toString(random.nextInt(256))));
            default -> lines.subList(at, lines.size()).clear();
        }
        return String.join("\n", lines) + "\n";
    }

    private static String valued(String line, String value) {
        Matcher found = VALUE.matcher(line);
        return found.find() ? line.substring(0, found.end(1)) + " " + value : line + value;
    }

    private static String value(String line) {
        Matcher found = VALUE.matcher(line);
        return found.find() ? found.group(2) : line.strip();
    }

    /** With {@code piece} in it, in place of a character or not. */
    private String changed(String line, String piece) {
        int at = random.nextInt(line.length() + 1);
        int rest = Math.min(line.length(), at + random.nextInt(2));
        return line.substring(0, at) + piece + line.substring(rest);
    }
}

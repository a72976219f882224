package dev.weir.control.config;

import dev.weir.control.model.Pool.Match;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Reads {@code ProviderPool.spec.match}. */
final class MatchReader {
    private static final int MODELS = 1000;
    private static final List<String> FORMS = List.of("model", "models", "pathPrefix", "header");
    private static final Pattern PREFIX = Pattern.compile("/[A-Za-z0-9._~!$&'()*+,;=:@%/-]{0,255}");

    private MatchReader() {}

    static Optional<Match> read(Fields spec) {
        Optional<Fields> found = spec.object("match");
        if (!spec.has("match")) {
            spec.missing("match", "an object with model, models, pathPrefix or header");
        }
        return found.flatMap(MatchReader::match);
    }

    private static Optional<Match> match(Fields fields) {
        List<String> written = FORMS.stream().filter(fields::has).toList();
        if (written.size() != 1) {
            fields.refuse("", Optional.of("{...}"), "exactly one of model, models, pathPrefix and header");
        }
        Optional<List<String>> one = fields.text("model", ModelText.EXPECTED, ModelText::name)
                .flatMap(name -> whole(fields, "model", name))
                .map(List::of);
        Optional<List<String>> several =
                fields.has("models") ? Optional.of(models(fields)).filter(names -> !names.isEmpty()) : Optional.empty();
        Optional<List<String>> names = one.or(() -> several);
        Map<String, String> aliases = aliases(fields, names);
        Optional<Match> prefix = fields.text(
                        "pathPrefix", "a path that starts with / and has no query", MatchReader::prefix)
                .map(Match.PathPrefix::new);
        Optional<Match> header = fields.object("header").flatMap(MatchReader::header);
        fields.end();
        return names.<Match>map(each -> new Match.Model(each, aliases))
                .or(() -> prefix)
                .or(() -> header);
    }

    private static Optional<String> whole(Fields fields, String field, String name) {
        if (name.indexOf('*') >= 0) {
            fields.refuse(field, Optional.of(name), "a whole name, without *; beginnings of names belong in models");
            return Optional.empty();
        }
        return Optional.of(name);
    }

    private static List<String> models(Fields fields) {
        List<String> names = new ArrayList<>();
        List<String> written = fields.words("models", 1, MODELS);
        for (int i = 0; i < written.size(); i++) {
            String name = written.get(i);
            Optional<String> problem =
                    problem(name).or(() -> names.contains(name) ? Optional.of("each model once") : Optional.empty());
            if (problem.isPresent()) {
                fields.refuse("models[" + i + "]", Optional.of(name), problem.get());
            } else {
                names.add(name);
            }
        }
        return names;
    }

    private static Optional<String> problem(String name) {
        int star = name.indexOf('*');
        if (ModelText.name(name).isEmpty()) {
            return Optional.of(ModelText.EXPECTED + ", or the beginning of names with a * behind");
        }
        if (name.equals("*")) {
            return Optional.of("a name before the *; a pool for all that others do not take has pathPrefix: /");
        }
        return star >= 0 && star < name.length() - 1 ? Optional.of("one * at most, at the end") : Optional.empty();
    }

    /** @param names what they may stand for; empty = the pool is not found by models, or they are wrong */
    private static Map<String, String> aliases(Fields fields, Optional<List<String>> names) {
        Map<String, String> aliases = new TreeMap<>();
        Optional<Fields> written = fields.object("aliases");
        if (written.isEmpty()) {
            return aliases;
        }
        if (!fields.has("model") && !fields.has("models")) {
            fields.refuse("aliases", Optional.of("{...}"), "only with model or models");
            return aliases;
        }
        Fields each = written.get();
        if (each.names().size() > MODELS) {
            fields.refuse("aliases", Optional.of("{...}"), "at most " + MODELS + " names");
            return aliases;
        }
        for (String alias : each.names()) {
            Optional<String> target = each.text(alias, ModelText.EXPECTED, ModelText::name);
            if (ModelText.name(alias).isEmpty() || alias.indexOf('*') >= 0) {
                each.refuse(alias, Optional.of(alias), ModelText.EXPECTED + ", without *");
            } else if (names.isPresent() && names.get().contains(alias)) {
                each.refuse(alias, Optional.of(alias), "another name than the pool's models have");
            } else if (target.isPresent() && names.isPresent()) {
                target(each, alias, target.get(), names.get()).ifPresent(name -> aliases.put(alias, name));
            }
        }
        return aliases;
    }

    private static Optional<String> target(Fields aliases, String alias, String target, List<String> names) {
        if (target.indexOf('*') < 0 && ModelText.among(names, target)) {
            return Optional.of(target);
        }
        String near = Nearest.to(target, names)
                .map(name -> "; did you mean " + name + "?")
                .orElse("");
        aliases.refuse(alias, Optional.of(target), "the whole name of one of the pool's models" + near);
        return Optional.empty();
    }

    private static Optional<Match> header(Fields fields) {
        Optional<String> name = fields.text("name", HeaderText.NAME, HeaderText::name);
        Optional<String> value = fields.text(
                "value",
                "a header value: visible ASCII",
                text -> HeaderText.value(text) ? Optional.of(text) : Optional.empty());
        for (String field : List.of("name", "value")) {
            if (!fields.has(field)) {
                fields.missing(field, "a header's name and its exact value");
            }
        }
        fields.end();
        return name.flatMap(n -> value.map(v -> new Match.Header(n, v)));
    }

    private static Optional<String> prefix(String text) {
        return PREFIX.matcher(text).matches() && !text.contains("//") ? Optional.of(text) : Optional.empty();
    }
}

package dev.weir.control.config;

import dev.weir.control.model.Pool.Match;
import dev.weir.control.model.Pool.Member;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Reads {@code ProviderPool.spec.providers}. */
final class MemberReader {
    private static final int MEMBERS = 1000;
    private static final int MODELS = 1000;

    private MemberReader() {}

    /** @param match the pool's; empty = it is wrong */
    static List<Member> read(Fields spec, Optional<Match> match) {
        List<Fields> items = spec.objects("providers", 1, MEMBERS);
        if (!spec.has("providers")) {
            spec.missing("providers", "a list with at least one provider");
        }
        List<Member> members = new ArrayList<>();
        Set<String> names = new HashSet<>();
        boolean serving = false;
        for (Fields item : items) {
            Optional<String> provider = item.text("provider");
            if (!item.has("provider")) {
                item.missing("provider", "the name of a Provider");
            }
            if (provider.isPresent() && !names.add(provider.get())) {
                item.refuse("provider", provider, "each provider once in a pool");
            }
            Optional<String> model = item.text("model", ModelText.EXPECTED, ModelText::name);
            Map<String, String> models = models(item, match);
            boolean standby = item.flag("standby").orElse(false);
            serving |= !standby;
            item.end();
            provider.ifPresent(p -> members.add(new Member(p, model, models, standby)));
        }
        if (!items.isEmpty() && !serving) {
            spec.refuse("providers", Optional.of("[...]"), "at least one provider that is not standby");
        }
        return members;
    }

    private static Map<String, String> models(Fields item, Optional<Match> match) {
        Map<String, String> models = new TreeMap<>();
        Optional<Fields> written = item.object("models");
        if (written.isEmpty()) {
            return models;
        }
        Fields each = written.get();
        if (item.has("model")) {
            item.refuse("models", Optional.of("{...}"), "either model, a name for all, or models");
        } else if (match.isPresent() && !(match.get() instanceof Match.Model)) {
            item.refuse(
                    "models",
                    Optional.of("{...}"),
                    "only in a pool by model or models; here model is the name for all");
        } else if (each.names().size() > MODELS) {
            item.refuse("models", Optional.of("{...}"), "at most " + MODELS + " names");
        } else {
            for (String name : each.names()) {
                Optional<String> there = each.text(name, ModelText.EXPECTED, ModelText::name);
                if (match.isEmpty() || known(each, name, (Match.Model) match.get())) {
                    there.ifPresent(own -> models.put(name, own));
                }
            }
        }
        return models;
    }

    private static boolean known(Fields models, String name, Match.Model match) {
        if (ModelText.name(name).isPresent() && name.indexOf('*') < 0 && ModelText.among(match.names(), name)) {
            return true;
        }
        String near = Nearest.to(name, match.names())
                .map(known -> "; did you mean " + known + "?")
                .orElse("");
        models.refuse(name, Optional.of(name), "the whole name of one of the pool's models" + near);
        return false;
    }
}

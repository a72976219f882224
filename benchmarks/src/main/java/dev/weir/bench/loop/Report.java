package dev.weir.bench.loop;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.bench.Figure;
import dev.weir.control.cli.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** What an experiment found, as files. */
record Report(String title, Machine machine, List<Reading> readings, Table table, List<Figure> figures) {
    void json(Path file) throws IOException {
        JsonMapper mapper = new JsonMapper();
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("title", title);
        root.putObject("machine")
                .put("processor", machine.processor())
                .put("java", machine.java())
                .put("commit", machine.commit());
        ArrayNode runs = root.putArray("runs");
        for (Reading reading : readings) {
            ObjectNode run = runs.addObject();
            run.set("row", mapper.valueToTree(reading.row()));
            run.set("more", mapper.valueToTree(reading.more()));
            run.set("waitBySecond", mapper.valueToTree(reading.waitBySecond()));
        }
        ArrayNode all = root.putArray("figures");
        for (Figure figure : figures) {
            all.addObject()
                    .put("what", figure.what())
                    .put("value", figure.value())
                    .put("most", figure.most())
                    .put("unit", figure.unit())
                    .put("met", figure.met());
        }
        Files.writeString(file, root.toPrettyString() + "\n");
    }

    void markdown(Path file) throws IOException {
        String text =
                "%s\n\nMeasured on %s, %s, commit %s; medians over seeds, largest backlog and counts over all of them.\n\n%s\n\n%s\n"
                        .formatted(
                                "**" + title + "**",
                                machine.processor(),
                                machine.java(),
                                machine.commit(),
                                new TableText(table).markdown(),
                                figures.stream().map(figure -> "- " + figure).collect(Collectors.joining("\n")));
        Files.writeString(file, text);
    }
}

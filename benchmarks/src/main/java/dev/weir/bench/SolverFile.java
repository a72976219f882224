package dev.weir.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.control.cli.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What {@code weir bench solver} found, as JSON. */
final class SolverFile {
    private SolverFile() {}

    static void write(Machine machine, List<SolverRow> rows, List<Figure> figures, Path file) throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode root = mapper.createObjectNode();
        root.putPOJO("machine", machine);
        root.putPOJO("rows", rows);
        root.putPOJO("figures", figures);
        root.put("passed", figures.stream().allMatch(Figure::met));
        Files.writeString(file, mapper.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n");
    }
}

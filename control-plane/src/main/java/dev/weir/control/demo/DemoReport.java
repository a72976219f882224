package dev.weir.control.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.control.testbed.DeclaredCapacity;
import dev.weir.control.testbed.TestbedFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The file that {@code --json} writes. */
final class DemoReport {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private DemoReport() {}

    /**
     * @param policies by policy name, in the order played
     * @param capacity as the control plane had it
     */
    static ObjectNode json(Map<String, Figures> policies, List<DeclaredCapacity> capacity) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        ObjectNode byPolicy = root.putObject("policies");
        policies.forEach((policy, figures) -> byPolicy.set(policy, figures.toJson()));
        ArrayNode declared = root.putArray("capacity");
        capacity.forEach(one -> declared.addObject()
                .put("provider", one.provider())
                .put("declared", one.declared())
                .put("blockNumber", one.blockNumber()));
        return root;
    }

    static void write(Path file, ObjectNode json) {
        try {
            Files.writeString(file, JSON.writeValueAsString(json) + "\n");
        } catch (IOException e) {
            throw new TestbedFailure(
                    "--json: " + file + " (expected: a file that can be written: " + e.getMessage() + ")");
        }
    }
}

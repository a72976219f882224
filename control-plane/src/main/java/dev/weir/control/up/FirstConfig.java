package dev.weir.control.up;

import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A first configuration: what a newcomer has to know stands in its comments.
 *
 * @param providers at least one
 * @param models what agents ask for, at least one, each once; all providers serve them
 * @param xdsPort of the control plane, for sidecars
 * @param adminPort of the control plane, for people
 */
public record FirstConfig(List<FirstProvider> providers, List<String> models, int xdsPort, int adminPort) {
    /** Where {@code weir up} keeps what it has to keep, too. */
    private static final String DATA = "data";

    public FirstConfig {
        providers = List.copyOf(providers);
        models = List.copyOf(models);
    }

    /**
     * Writes the files and makes the folder if need be.
     *
     * @throws UpRefusal when there is something in it
     */
    public void write(Path folder) throws UpRefusal, IOException {
        mustBeEmpty(folder);
        Files.createDirectories(folder.resolve(DATA));
        for (Map.Entry<String, String> file : texts().entrySet()) {
            Files.writeString(folder.resolve(file.getKey()), file.getValue(), StandardOpenOption.CREATE_NEW);
        }
    }

    /** Refuses a folder that holds something, and what is no folder. */
    public static void mustBeEmpty(Path folder) throws UpRefusal, IOException {
        if (Files.exists(folder) && !Files.isDirectory(folder)) {
            throw new UpRefusal("DIR: \"" + folder + "\" (expected: a folder, or nothing yet)");
        }
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
                if (entries.iterator().hasNext()) {
                    throw new UpRefusal(
                            "DIR: \"" + folder
                                    + "\" is not empty (expected: an empty folder, or one that is not there yet; nothing is overwritten)");
                }
            }
        }
    }

    /** By file name. */
    Map<String, String> texts() {
        Map<String, String> texts = new LinkedHashMap<>();
        texts.put("mesh.yaml", mesh());
        texts.put(
                "providers.yaml",
                join(providers.stream().map(FirstProvider::text).toList()));
        texts.put("pools.yaml", pools());
        return texts;
    }

    private String mesh() {
        return """
                # The mesh. Every field of spec is optional; docs/examples/basic/mesh.yaml has them all.
                #
                #   weir validate DIR       checks these files; where something is wrong it says file, line and what was expected
                #   weir up --config DIR    runs with them; changes are read while it runs
                apiVersion: weir.dev/v1alpha1
                kind: Mesh
                metadata:
                  name: mesh
                spec:
                  xds:
                    listen: 127.0.0.1:%d    # where sidecars connect
                  admin:
                    listen: 127.0.0.1:%d    # the dashboard, in a browser: http://127.0.0.1:%d/
                  store:
                    path: %s/weir.db          # ledger and decisions
                    export: %s/export         # where records go that are older than 30 days
                """.formatted(xdsPort, adminPort, adminPort, DATA, DATA);
    }

    private String pools() {
        StringBuilder members = new StringBuilder();
        for (FirstProvider provider : providers) {
            members.append("    - provider: ").append(provider.name()).append('\n');
        }
        return """
                # Pools: models that agents ask for, and the providers that serve them. docs/examples/basic/pools.yaml has every field.
                # A provider that knows a model by another name gets it as: {provider: NAME, model: ITS-NAME-THERE}
                apiVersion: weir.dev/v1alpha1
                kind: ProviderPool
                metadata:
                  name: pool
                spec:
                  match:
                    models:                    # whole names, or beginnings with a * behind
                %s  providers:
                %s  # admission: governed        # the control plane picks the provider of each request: worth a millisecond where load is high
                """.formatted(
                models.stream().map(model -> "      - " + quoted(model) + "\n").collect(Collectors.joining()), members);
    }

    private static String join(List<String> objects) {
        return String.join("---\n", objects);
    }

    /** As JSON, which YAML reads alike. */
    static String quoted(String text) {
        return TextNode.valueOf(text).toString();
    }

    /** The variables that hold keys, each once. */
    public List<String> variables() {
        return providers.stream()
                .map(FirstProvider::keyVariable)
                .flatMap(Optional::stream)
                .distinct()
                .toList();
    }
}

package dev.weir.control.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A directory of configuration files, as an operator has it: one file for the mesh, its providers and its pools. */
public final class ConfigFiles {
    private ConfigFiles() {}

    /** Makes {@code directory}, if it is not there, with a file for each kind; each argument is YAML of one or more documents. */
    public static void write(Path directory, String mesh, String providers, String pools) {
        try {
            Files.createDirectories(directory);
            Files.writeString(directory.resolve("mesh.yaml"), mesh);
            Files.writeString(directory.resolve("providers.yaml"), providers);
            Files.writeString(directory.resolve("pools.yaml"), pools);
        } catch (IOException e) {
            throw new UncheckedIOException(directory.toString(), e);
        }
    }
}

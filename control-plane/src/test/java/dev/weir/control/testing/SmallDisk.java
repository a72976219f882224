package dev.weir.control.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A file system of its own, in memory and small, that can be full. It is mounted in a namespace of its own, so that it needs
 * no rights and leaves nothing behind; processes started with {@link #inside} see it at its folder.
 */
public final class SmallDisk implements AutoCloseable {
    private static final byte[] BLOCK = new byte[4096];

    private final Process holder;
    private final Path seenFromHere;

    private SmallDisk(Process holder, Path folder) {
        this.holder = holder;
        this.seenFromHere = Path.of("/proc/" + holder.pid() + "/root" + folder);
    }

    /** {@code folder} exists and is absolute. It fails where the system has no namespaces for users. */
    public static SmallDisk mount(Path folder, int mebibytes) throws IOException {
        Process holder = new ProcessBuilder(
                        "unshare",
                        "-rm",
                        "sh",
                        "-c",
                        "mount -t tmpfs -o size=$1m tmpfs \"$0\" && echo mounted && exec cat",
                        folder.toString(),
                        Integer.toString(mebibytes))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String said =
                new BufferedReader(new InputStreamReader(holder.getInputStream(), StandardCharsets.UTF_8)).readLine();
        if (!"mounted".equals(said)) {
            holder.destroyForcibly();
            throw new IOException(
                    "unshare -rm, mount -t tmpfs: no small disk (expected: namespaces for users, util-linux)");
        }
        return new SmallDisk(holder, folder);
    }

    /** What a command begins with to see the disk. */
    public List<String> inside() {
        return List.of("nsenter", "-t", Long.toString(holder.pid()), "-U", "-m", "--preserve-credentials", "--");
    }

    /** A file on it. */
    public Path file(String name) {
        return seenFromHere.resolve(name);
    }

    /** Takes all the room there is. */
    public void fill() throws IOException {
        Path file = Files.createTempFile(seenFromHere, "fill", "");
        try (OutputStream out = Files.newOutputStream(file)) {
            while (Files.getFileStore(seenFromHere).getUsableSpace() > 0) {
                out.write(BLOCK);
            }
        } catch (IOException full) {
            // someone else took the last block
        }
    }

    /** Gives back what {@link #fill} took. */
    public void free() throws IOException {
        try (var files = Files.newDirectoryStream(seenFromHere, "fill*")) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
    }

    @Override
    public void close() {
        holder.destroyForcibly();
    }
}

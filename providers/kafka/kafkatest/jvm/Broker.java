import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Formats the storage, unless it was before, and runs the broker in the same
 * JVM, which saves the start of another one.
 *
 * <p>Arguments: the properties file, then what `kafka-storage format` takes.
 */
public final class Broker {
    public static void main(String[] args) {
        List<String> format = new ArrayList<>(List.of("format", "--ignore-formatted", "--config", args[0]));
        format.addAll(Arrays.asList(args).subList(1, args.length));
        int code = kafka.tools.StorageTool.execute(format.toArray(String[]::new), System.out);
        if (code != 0) {
            System.exit(code);
        }
        kafka.Kafka.main(new String[] {args[0]});
    }
}

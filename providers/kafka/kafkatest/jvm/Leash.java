import java.io.IOException;
import java.util.Arrays;

/**
 * Runs the main of another class for as long as standard input is open. The
 * test holds the other end, so however it ends, no JVM outlives it.
 */
final class Leash {
    public static void main(String[] args) throws Exception {
        Thread leash = new Thread(Leash::hold, "leash");
        leash.setDaemon(true);
        leash.start();
        Class.forName(args[0])
            .getMethod("main", String[].class)
            .invoke(null, (Object) Arrays.copyOfRange(args, 1, args.length));
    }

    private static void hold() {
        try {
            while (System.in.read() >= 0) {
                // nothing is ever sent: the end is the message
            }
        } catch (IOException e) {
            // a broken pipe says the same
        }
        Runtime.getRuntime().halt(143);
    }
}

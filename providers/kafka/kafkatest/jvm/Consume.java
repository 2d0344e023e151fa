import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * A live member of a group: reads a topic until standard input ends, then
 * commits and leaves as a well-behaved application does.
 *
 * <p>Arguments: the topic, then the consumer's own configuration as key=value.
 * It prints a line an event: "assigned 0 1 2", "revoked 0", "record 0 17"
 * (partition, offset), "caught-up" each time its positions reach the ends of
 * its logs, and "closed".
 */
public final class Consume implements ConsumerRebalanceListener {
    /** How long a goodbye may take: the broker may be gone as well. */
    private static final long PATIENCE_MS = 10_000;

    public static void main(String[] args) {
        Properties config = new Properties();
        for (String pair : List.of(args).subList(1, args.length)) {
            String[] parts = pair.split("=", 2);
            config.put(parts[0], parts[1]);
        }
        var bytes = new ByteArrayDeserializer();
        try (var consumer = new KafkaConsumer<>(config, bytes, bytes)) {
            Thread leash = new Thread(() -> untilEnd(consumer), "leash");
            leash.setDaemon(true);
            leash.start();
            consumer.subscribe(List.of(args[0]), new Consume());
            read(consumer);
        } catch (WakeupException e) {
            // standard input ended
        }
        System.out.println("closed");
    }

    private static void read(KafkaConsumer<byte[], byte[]> consumer) {
        boolean told = false;
        while (true) {
            var records = consumer.poll(Duration.ofMillis(100));
            for (ConsumerRecord<byte[], byte[]> r : records) {
                System.out.println("record " + r.partition() + " " + r.offset());
            }
            boolean there = !consumer.assignment().isEmpty() && atTheEnds(consumer);
            if (there && !told) {
                System.out.println("caught-up");
            }
            told = there;
        }
    }

    private static boolean atTheEnds(KafkaConsumer<byte[], byte[]> consumer) {
        Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
        return ends.entrySet().stream().allMatch(e -> consumer.position(e.getKey()) >= e.getValue());
    }

    private static void untilEnd(KafkaConsumer<?, ?> consumer) {
        try {
            while (System.in.read() >= 0) {
                // nothing is ever sent
            }
        } catch (java.io.IOException e) {
            // a broken pipe says the same
        }
        consumer.wakeup();
        try {
            Thread.sleep(PATIENCE_MS);
        } catch (InterruptedException e) {
            // then at once
        }
        Runtime.getRuntime().halt(143);
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        tell("assigned", partitions);
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        tell("revoked", partitions);
    }

    private static void tell(String what, Collection<TopicPartition> partitions) {
        StringBuilder line = new StringBuilder(what);
        partitions.stream().map(TopicPartition::partition).sorted().forEach(p -> line.append(' ').append(p));
        System.out.println(line);
    }
}

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Runs TLC on many modules in one process. For each folder named on standard input, which holds T.tla and T.cfg, it
 * prints on one line the exit status, states generated, distinct states and depth. TLC orders strings by when it first met
 * them; so that the strings of one module do not order those of the next, the table is set back after each run to what it
 * was after the first.
 */
public class Driver {
    private static final Pattern COUNTS =
        Pattern.compile("(\\d+) states generated, (\\d+) distinct states found, \\d+ states left");
    private static final Pattern DEPTH =
        Pattern.compile("The depth of the complete state graph search is (\\d+)");

    /** TLC's table of strings: how many, their number so far, the slots. */
    private static final String[] TABLE = {"count", "length", "thresh", "tokenCnt", "table"};
    private static Object[] strings = null;

    private static void setBackStrings() throws Exception {
        boolean first = strings == null;
        if (first) {
            strings = new Object[TABLE.length];
        }
        for (int i = 0; i < TABLE.length; i++) {
            Field field = util.InternTable.class.getDeclaredField(TABLE[i]);
            field.setAccessible(true);
            if (first) {
                strings[i] = field.get(util.UniqueString.internTbl);
            }
            Object slots = strings[i] instanceof util.UniqueString[] known ? known.clone() : strings[i];
            if (first) {
                strings[i] = slots;
            } else {
                field.set(util.UniqueString.internTbl, slots);
            }
        }
    }

    public static void main(String[] arguments) throws Exception {
        PrintStream answers = System.out;
        BufferedReader folders = new BufferedReader(new InputStreamReader(System.in));
        for (String folder = folders.readLine(); folder != null; folder = folders.readLine()) {
            ByteArrayOutputStream said = new ByteArrayOutputStream();
            int exit = run(folder, new PrintStream(said, true));
            String text = said.toString();
            String generated = "0";
            String distinct = "0";
            for (Matcher found = COUNTS.matcher(text); found.find();) {
                generated = found.group(1);
                distinct = found.group(2);
            }
            Matcher depth = DEPTH.matcher(text);
            answers.println(exit + " " + generated + " " + distinct + " " + (depth.find() ? depth.group(1) : "0"));
            answers.flush();
            setBackStrings();
        }
    }

    private static int run(String folder, PrintStream said) {
        System.setOut(said);
        util.ToolIO.out = said;
        util.ToolIO.err = said;
        util.ToolIO.setUserDir(folder);
        tlc2.TLCGlobals.mainChecker = null;
        tlc2.TLCGlobals.simulator = null;
        try {
            tlc2.TLC tlc = new tlc2.TLC();
            String[] flags = {
                "-metadir", folder + "/meta", "-workers", "1", "-noGenerateSpecTE", "-fp", "1", "-checkpoint", "0",
                folder + "/T",
            };
            if (!tlc.handleParameters(flags)) {
                return -2;
            }
            String standard = System.getProperty("standard", folder);
            tlc.setResolver(new util.SimpleFilenameToStream(new String[] {folder, standard}));
            return tlc2.output.EC.ExitStatus.errorConstantToExitStatus(tlc.process());
        } catch (Throwable thrown) {
            thrown.printStackTrace(said);
            return -3;
        }
    }
}

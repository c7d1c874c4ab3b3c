import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Runs TLC on many modules in one process. For each folder named on standard input, which holds T.tla and T.cfg, it
 * prints on one line the exit status, states generated, distinct states and depth.
 */
public class Driver {
    private static final Pattern COUNTS =
        Pattern.compile("(\\d+) states generated, (\\d+) distinct states found, \\d+ states left");
    private static final Pattern DEPTH =
        Pattern.compile("The depth of the complete state graph search is (\\d+)");

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

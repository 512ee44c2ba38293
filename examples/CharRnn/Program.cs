using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text;
using Autodiff;
using CharRnn;

// 0: done, also where it was ended early; 1: the training diverged, or a result could not be written; 2: bad input.
Console.OutputEncoding = Encoding.UTF8;
try
{
    var parsed = CommandLine.Create(Run, MakeSnapshot).Parse(args);
    var ownHandling = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
    return parsed.Errors.Count == 0 ? parsed.Invoke(ownHandling) : Fail(parsed.Errors[0].Message, 2);
}
catch (UserException e)
{
    return Fail(e.Message, 2);
}
catch (OutOfMemoryException)
{
    return Fail("the memory does not suffice: try a smaller --hidden, --batch or --unroll", 1);
}
catch (Exception e) when (e is NumericalException or IOException or UnauthorizedAccessException)
{
    return Fail(e.Message, 1);
}

static int Run(Options options)
{
    using var cancellation = new CancellationTokenSource();
    using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
    using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
    IDisplay display = Console.IsOutputRedirected ? new LineDisplay(Console.Out, TimeProvider.System) : new BarDisplay();
    new Job(options, display).Run(cancellation.Token);
    return 0;

    // The first signal ends training; the second, or one after training, the program.
    void Stop(PosixSignalContext context)
    {
        context.Cancel = !cancellation.IsCancellationRequested;
        cancellation.Cancel();
    }
}

static int MakeSnapshot(string repository, string file)
{
    Console.WriteLine($"{Snapshot.Write(repository, file)} files in {file}");
    return 0;
}

static int Fail(string message, int code)
{
    Console.Error.WriteLine($"CharRnn: {message.ReplaceLineEndings(" ")}");
    return code;
}

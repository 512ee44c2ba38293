using Autodiff.CSharp;

namespace Autodiff.Benchmarks.Workloads;

/// <summary>
/// Training with Adam on one fixed batch. It begins anew every hundred steps, so that no timing runs on a converged model.
/// </summary>
internal static class Training
{
    private const int StepsOfARun = 100;

    /// <summary>Times a step of training that was compiled once.</summary>
    public static void Run(
        Report report, string workload, string item, NDArray[] initial, double rate, Func<Node[], Node> lossOf)
    {
        Node[] parameters = [.. initial.Select((start, k) => Ad.Variable(start, $"p{k}"))];
        var state = new TrainingState(lossOf(parameters), parameters, new Adam(rate));
        var start = state.Checkpoint;
        var steps = 0;
        double Step()
        {
            if (steps++ % StepsOfARun == 0) state.Restore(start);
            return state.Step();
        }

        report.Run(workload, item, initial[0].DType, () => Step(), Losses(Step));
    }

    /// <summary>Times a step whose graph is built, differentiated and evaluated anew each time.</summary>
    public static void RunRebuilt(
        Report report, string workload, string item, NDArray[] initial, double rate, Func<Node[], Node> lossOf)
    {
        var steps = 0;
        NDArray[] state = [];
        double Step()
        {
            if (steps++ % StepsOfARun == 0) state = [.. initial, .. Zeros(initial), .. Zeros(initial)];
            var (loss, next) = Rebuild(state, (steps - 1) % StepsOfARun + 1, rate, lossOf);
            state = next;
            return loss;
        }

        report.Run(workload, item, initial[0].DType, () => Step(), Losses(Step));
    }

    private static (double Loss, NDArray[] State) Rebuild(
        NDArray[] state, int step, double rate, Func<Node[], Node> lossOf)
    {
        var count = state.Length / 3;
        Node[] nodes = [.. state.Select((value, k) => Ad.Variable(value, $"p{k}"))];
        var loss = lossOf(nodes[..count]);
        var gradients = loss.Grad(nodes[..count]);
        var adam = new Adam(rate);
        ParameterUpdate[] updates =
        [
            .. gradients.Select((gradient, k) =>
                adam.Update(nodes[k], gradient, [nodes[count + k], nodes[2 * count + k]], Ad.Constant((double)step))),
        ];
        var values = Ad.Eval(
            [loss, .. updates.Select(u => u.Parameter), .. updates.Select(u => u.Slots[0]), .. updates.Select(u => u.Slots[1])]);
        return (Data.Number(values[0]), values[1..]);
    }

    private static IEnumerable<NDArray> Zeros(NDArray[] like) => like.Select(x => NDArray.Zeros(x.Shape, x.DType));

    private static (string, double)[] Losses(Func<double> step)
    {
        double[] losses = [.. Enumerable.Range(0, 21).Select(_ => step())];
        return [("loss0", losses[0]), ("loss5", losses[5]), ("loss20", losses[20])];
    }
}

using System.Diagnostics;
using System.Globalization;
using Admission.Scale;

//   (nothing)               all
//   LARGEST                 nothing above this limit
//   FRONTENDS LIMIT LOAD    one cluster with 90/10, to profile it
var largest = args.Length == 1 ? int.Parse(args[0], CultureInfo.InvariantCulture) : BackendPolicyRules.LargestLimit;
var watch = Stopwatch.StartNew();
ScaleFigures Run(ScalePoint point)
{
    var began = watch.Elapsed;
    var figures = ScaleRun.Run(point);
    Console.Error.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{watch.Elapsed.TotalSeconds,6:0} s: {point.Frontends} frontends, limit {point.Limit}, load {point.Load}, {point.Demand.Name()}, {point.RoundTripMs} ms: {figures.MessagesPerRequest:0.###} messages a request, {figures.OfIdeal:0.0000} of ideal ({(watch.Elapsed - began).TotalSeconds:0.0} s)"));
    return figures;
}

if (args is [var frontends, var limit, var load])
{
    var of = CultureInfo.InvariantCulture;
    Run(new ScalePoint(int.Parse(frontends, of), int.Parse(limit, of), Demand.NineTenths, double.Parse(load, of)));
    return;
}

// The compiler's work is not the ledger's.
Run(new ScalePoint(100, 1_000, Demand.NineTenths, ScalePlan.Half));
var half = ScalePlan.Uncontended(largest).Select(Run).ToList();
var over = ScalePlan.Contended(largest).Select(Run).ToList();
var busy = ScalePlan.Busy.Select(Run).ToList();
var slow = ScalePlan.SlowNetwork.Select(Run).ToList();
var result = ScaleResult.Of(half, over, busy, slow);
using var self = Process.GetCurrentProcess();
result.Notes.Add($"The part took {watch.Elapsed.TotalSeconds:0} s and at most {self.PeakWorkingSet64 >> 20} MiB, in one thread.");
result.Write();

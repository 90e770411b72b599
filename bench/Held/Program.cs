// What a connection costs that is held until its answer is there: memory beyond that of a plain ASP.NET application with its response started, how punctual heartbeats are, and how soon an answer is with its client.
//   (nothing)                       measures, and starts all others
//   --urls http://... backend       the backend
//   --urls http://... plain         the plain application
using Admission.Bench;
using Admission.Held;

switch (args)
{
    case [.. var rest, "backend"]:
        await GatedApp.RunAsync(rest, startsAtOnce: false);
        return;
    case [.. var rest, "plain"]:
        await GatedApp.RunAsync(rest, startsAtOnce: true);
        return;
    default:
        var found = await Rounds.MeasureAsync(Subject.All, Measurement.RunAsync);
        Report.Of(found).Write();
        return;
}

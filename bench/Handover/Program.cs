// One permit, two frontends in two processes: how long from its release in the one to its admission in the other.
//   (nothing)            measures, and starts all others
//   silo PORT GATEWAY FOLDER
//   frontend SETTINGS    takes turns at the permit, and leaves when they were in a file
using Admission.Handover;

switch (args)
{
    case []:
        await new Measurement().RunAsync();
        return 0;
    case ["silo", var port, var gateway, var folder]:
        await Silo.RunAsync(int.Parse(port), int.Parse(gateway), folder);
        return 0;
    case ["frontend", var settings]:
        await Frontend.RunAsync(FrontendSettings.Parse(settings));
        return 0;
    default:
        Console.Error.WriteLine("Run bench/run handover.");
        return 2;
}

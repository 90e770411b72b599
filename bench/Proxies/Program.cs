// Proxies PART: measures gateway, overload, patience or storm, and leaves the result where bench/Report finds it.
// Proxies overload NAME: measures the peers whose name has this in it, and prints.
using Admission.Bench.Proxies.Parts;

if (args is ["overload", var some])
{
    await OverloadPart.TryAsync(some);
    return;
}

var result = args switch
{
    ["gateway"] => await GatewayPart.MeasureAsync(),
    ["overload"] => await OverloadPart.MeasureAsync(),
    ["patience"] => await PatiencePart.MeasureAsync(),
    ["storm"] => await StormPart.MeasureAsync(),
    _ => throw new ArgumentException("Say one of gateway, overload, patience, storm.", nameof(args)),
};
result.Write();

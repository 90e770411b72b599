// Proxies PART: measures gateway, overload, patience or storm, and leaves the result where bench/Report finds it.
using Admission.Bench.Proxies.Parts;

var result = args switch
{
    ["gateway"] => await GatewayPart.MeasureAsync(),
    ["overload"] => await OverloadPart.MeasureAsync(),
    ["patience"] => await PatiencePart.MeasureAsync(),
    ["storm"] => await StormPart.MeasureAsync(),
    _ => throw new ArgumentException("Say one of gateway, overload, patience, storm.", nameof(args)),
};
result.Write();

using System.Globalization;
using System.Runtime.CompilerServices;
using Admission.Capacity;
using Admission.Frontend.Classification;
using Admission.Frontend.Holding;
using Admission.Grains.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace Admission.Frontend.Configuration;

/// <summary>What a route says about admission, in its <c>Metadata</c>: each key starts with <c>Admission.</c>.</summary>
internal sealed class RouteSettings
{
    public const string PriorityKey = Prefix + "Priority";
    public const string MaxWaitKey = Prefix + "MaxWait";
    public const string RunTimeoutKey = Prefix + "RunTimeout";
    public const string WeightFromKey = Prefix + "WeightFrom";
    public const string HoldMaxWaitKey = HoldKey + ".MaxWait";

    private const string Prefix = "Admission.";
    private const string RequestBufferingKey = Prefix + "RequestBuffering";
    private const string ResponseBufferingKey = Prefix + "ResponseBuffering";
    private const string TrustHeadersKey = Prefix + "TrustHeaders";
    private const string WeightKey = Prefix + "Weight";
    private const string TenantKey = Prefix + "Tenant";
    private const string TenantFromKey = Prefix + "TenantFrom";
    private const string PriorityFromKey = Prefix + "PriorityFrom";
    private const string HoldKey = Prefix + HoldReader.Key;
    private const string HoldEveryKey = HoldKey + ".Every";
    private const string HoldAfterKey = HoldKey + ".After";
    private const string HoldFormatKey = HoldKey + ".Format";

    private static readonly string[] Keys =
    [
        RequestBufferingKey, ResponseBufferingKey, TrustHeadersKey, WeightKey, PriorityKey, TenantKey, MaxWaitKey, RunTimeoutKey,
        TenantFromKey, PriorityFromKey, WeightFromKey, HoldKey, HoldEveryKey, HoldAfterKey, HoldMaxWaitKey, HoldFormatKey,
    ];

    private static readonly TimeSpan Longest = TimeSpan.FromHours(24);

    private static readonly ConditionalWeakTable<RouteConfig, RouteSettings> Cache = [];

    private RouteSettings(RouteConfig route, List<string>? errors)
    {
        foreach (var (key, value) in route.Metadata ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            if (key.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            {
                Apply(key, value, problem => errors?.Add($"{PathOf(route, key)}: {problem}"));
            }
        }
    }

    /// <summary><c>Admission.RequestBuffering</c>: <c>On</c> (default) as the backend says, <c>Off</c> for requests that stream.</summary>
    public bool BuffersRequests { get; private set; } = true;

    /// <summary><c>Admission.ResponseBuffering</c>: <c>On</c> (default) as the backend says, <c>Off</c> for responses that must not be ahead of their reader.</summary>
    public bool BuffersResponses { get; private set; } = true;

    /// <summary><c>Admission.TrustHeaders</c>: whether weight, priority and tenant headers of the request count. Default false.</summary>
    public bool TrustsHeaders { get; private set; }

    /// <summary><c>Admission.Weight</c>: permits that each request of the route takes. 1 to 1,000,000; null (the default) for 1.</summary>
    public int? Weight { get; private set; }

    /// <summary><c>Admission.Priority</c>: a name that the backend knows, or 0 (first) to 99; null (the default) for normal, 10.</summary>
    public string? Priority { get; private set; }

    /// <summary><c>Admission.Tenant</c>: the tenant of the route's requests. 1 to 200 characters; null (the default) for none.</summary>
    public string? Tenant { get; private set; }

    /// <summary><c>Admission.MaxWait</c>: how long the route's requests may wait. 0 to the backend's <c>Queue:MaxWait</c>, which is the default.</summary>
    public TimeSpan? MaxWait { get; private set; }

    /// <summary><c>Admission.RunTimeout</c>: how long they may run. 10 ms to the backend's <c>RunTimeout</c>, which is the default.</summary>
    public TimeSpan? RunTimeout { get; private set; }

    /// <summary><c>Admission.TenantFrom</c>: sources of the tenant; null (the default) for those of the backend, empty for none.</summary>
    public RequestSource[]? TenantFrom { get; private set; }

    /// <summary><c>Admission.PriorityFrom</c>: the same for the priority.</summary>
    public RequestSource[]? PriorityFrom { get; private set; }

    /// <summary><c>Admission.WeightFrom</c>: the same for the weight.</summary>
    public RequestSource[]? WeightFrom { get; private set; }

    /// <summary><c>Admission.Hold</c> and the keys that begin so: whether and how its connections are kept alive.</summary>
    public RouteHold Hold { get; private set; } = RouteHold.Nothing;

    /// <summary>The settings of a route that has been checked.</summary>
    public static RouteSettings Of(RouteConfig route) => Cache.GetValue(route, static route => new RouteSettings(route, errors: null));

    /// <summary>Reports the mistakes of a route, as far as they can be seen without its backend; <see cref="RouteRules"/> sees the others.</summary>
    public static void Check(RouteConfig route, List<string> errors) => _ = new RouteSettings(route, errors);

    /// <summary>Where a key stands in the configuration.</summary>
    public static string PathOf(RouteConfig route, string key) => $"{YarpConfiguration.SectionName}:Routes:{route.RouteId}:Metadata:{key}";

    private void Apply(string key, string value, Action<string> error)
    {
        switch (Array.Find(Keys, known => string.Equals(known, key, StringComparison.OrdinalIgnoreCase)))
        {
            case RequestBufferingKey:
                BuffersRequests = Switch(value, "On", "Off", error) ?? BuffersRequests;
                break;
            case ResponseBufferingKey:
                BuffersResponses = Switch(value, "On", "Off", error) ?? BuffersResponses;
                break;
            case TrustHeadersKey:
                TrustsHeaders = Switch(value, "true", "false", error) ?? TrustsHeaders;
                break;
            case WeightKey:
                Weight = Number(value, 1, BackendPolicyRules.LargestLimit, error);
                break;
            case PriorityKey:
                Priority = value.Trim();
                break;
            case TenantKey:
                Tenant = TenantName.IsPossible(value) ? value : Refused(error, $"'{value}' is not possible. Give {TenantName.Accepted}.");
                break;
            case MaxWaitKey:
                MaxWait = Duration(value, TimeSpan.Zero, error);
                break;
            case RunTimeoutKey:
                RunTimeout = Duration(value, TimeSpan.FromMilliseconds(10), error);
                break;
            case TenantFromKey:
                TenantFrom = RequestSources.Parse(RequestSources.Split(value), RequestSources.ForTenant, error);
                break;
            case PriorityFromKey:
                PriorityFrom = RequestSources.Parse(RequestSources.Split(value), RequestSources.ForPriority, error);
                break;
            case WeightFromKey:
                WeightFrom = RequestSources.Parse(RequestSources.Split(value), RequestSources.ForWeight, error);
                break;
            case HoldKey or HoldEveryKey or HoldAfterKey or HoldMaxWaitKey or HoldFormatKey:
                Hold = HoldReader.Apply(Hold, PartOf(key), value, (text, least, most) => Duration(text, least, error, most), error);
                break;
            default:
                error($"there is no such setting.{Spelling.DidYouMean(key, Keys)} Known here: {string.Join(", ", Keys)}.");
                break;
        }
    }

    // As it is known, whatever its letter case.
    private static string PartOf(string key) => Array.Find(Keys, known => string.Equals(known, key, StringComparison.OrdinalIgnoreCase))![HoldKey.Length..].TrimStart('.');

    private static string? Refused(Action<string> error, string mistake)
    {
        error(mistake);
        return null;
    }

    private static bool? Switch(string value, string on, string off, Action<string> error)
    {
        var isOn = string.Equals(value, on, StringComparison.OrdinalIgnoreCase);
        if (!isOn && !string.Equals(value, off, StringComparison.OrdinalIgnoreCase))
        {
            error($"'{value}' is not possible. Choose {on} or {off}.");
            return null;
        }

        return isOn;
    }

    private static int? Number(string value, int least, int most, Action<string> error)
    {
        if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < least || number > most)
        {
            error($"'{value}' is not possible. Give a whole number from {least} to {most}.");
            return null;
        }

        return number;
    }

    private static TimeSpan? Duration(string value, TimeSpan least, Action<string> error, TimeSpan? longest = null)
    {
        if (!Durations.TryParse(value, out var duration))
        {
            error($"'{value}' is not understood. {Durations.Forms}");
            return null;
        }

        var most = longest ?? Longest;
        if (duration < least || duration > most)
        {
            error($"{duration:c} is not possible. Give a duration from {least:c} to {most:c}.");
            return null;
        }

        return duration;
    }
}

using Admission.Capacity;
using Admission.Grains.Configuration;

namespace Admission.Frontend.Profiles;

/// <summary>
/// Reads <c>Profile</c> of a backend, as a section, or as one text for the command line: <c>gunicorn,workers=4,threads=2</c>. What is not given is what the
/// server itself takes when it is not told.
/// </summary>
internal static class ProfileReader
{
    private const int MostProcesses = 10_000;

    private enum Server
    {
        None,
        Gunicorn,
        Uvicorn,
        MySql,
        Postgres,
        Vllm,
    }

    /// <summary>Reads the profile; mistakes go to the reader's errors.</summary>
    /// <param name="backend">The backend's section.</param>
    /// <param name="failed">A profile is given, and means nothing.</param>
    /// <returns>Null without one.</returns>
    public static ServerProfile? Read(SectionReader backend, out bool failed)
    {
        failed = false;
        if (!backend.Has("Profile"))
        {
            return null;
        }

        var profile = backend.Children("Profile").Any() ? backend.Child("Profile") : ProfileText.Expand(backend);
        var known = profile is null ? null : Read(profile, backend);
        failed = known is null;
        return known;
    }

    private static ServerProfile? Read(SectionReader profile, SectionReader backend)
    {
        var server = profile.Choice(
            "Server", ("gunicorn", Server.Gunicorn), ("uvicorn", Server.Uvicorn), ("mysql", Server.MySql), ("postgres", Server.Postgres), ("vllm", Server.Vllm));
        if (server is null)
        {
            if (!profile.Has("Server"))
            {
                profile.Error("Server", "missing. Choose gunicorn, uvicorn, mysql, postgres or vllm.");
            }

            return null;
        }

        var counted = server switch
        {
            Server.Gunicorn => GunicornProfile.Read(profile, backend),
            Server.Uvicorn => ReadUvicorn(profile),
            Server.MySql => ReadMySql(profile),
            Server.Postgres => ReadPostgres(profile),
            _ => ReadVllm(profile),
        };
        profile.RefuseTheRest();
        return counted is { } found ? Bounded(profile, found) : null;
    }

    private static Counted? ReadUvicorn(SectionReader profile)
    {
        var workers = profile.Count("Workers", 1, 1, MostProcesses);
        return ReadUvicornLimit(profile) is { } each
            ? new Counted((long)workers * each, $"uvicorn, {Counted.Of(workers, "worker")} x ({each + 1} - 1)")
            : null;
    }

    /// <summary>
    /// What one uvicorn process serves at once. It answers 503 as soon as the connections that it has, the new one included, are as many as
    /// <c>limit_concurrency</c>; so one less gets through.
    /// </summary>
    internal static int? ReadUvicornLimit(SectionReader profile)
    {
        if (!profile.Has("LimitConcurrency"))
        {
            profile.Error("LimitConcurrency", "missing: without it uvicorn takes any number of requests at once. Give uvicorn's --limit-concurrency, or the backend a Limit in place of a Profile.");
            return null;
        }

        return profile.Count("LimitConcurrency", 2, 2, BackendPolicyRules.LargestLimit) - 1;
    }

    private static Counted ReadMySql(SectionReader profile)
    {
        var most = profile.Count("MaxConnections", 151, 1, 100_000);
        var (reserve, per) = ReadReserve(profile);
        return Connections("mysql", most, $"max_connections {most} - {reserve} in reserve", most - reserve, per);
    }

    private static Counted ReadPostgres(SectionReader profile)
    {
        var most = profile.Count("MaxConnections", 100, 1, 262_143);
        var superuser = profile.Count("SuperuserReservedConnections", 3, 0, 262_143);
        var reserved = profile.Count("ReservedConnections", 0, 0, 262_143);
        var (reserve, per) = ReadReserve(profile);
        return Connections(
            "postgres", most, $"max_connections {most} - {superuser} for superusers - {reserved} reserved - {reserve} in reserve", most - superuser - reserved - reserve, per);
    }

    private static (int Reserve, int PerRequest) ReadReserve(SectionReader profile) =>
        (profile.Count("Reserve", 10, 0, 262_143), profile.Count("ConnectionsPerRequest", 1, 1, 1_000));

    private static Counted Connections(string server, int most, string left, int connections, int perRequest) => new(
        Math.Max(0, connections) / perRequest,
        $"{server}, {(perRequest == 1 ? left : $"({left}) / {perRequest} for each request")}")
    {
        IsShared = true,
        Nothing = $"of {most} connections none is left for requests ({left}, {perRequest} for each request). Lower Reserve, or raise max_connections.",
    };

    private static Counted? ReadVllm(SectionReader profile)
    {
        if (!profile.Has("MaxNumSeqs"))
        {
            profile.Error("MaxNumSeqs", "missing: vLLM's own default depends on its version and on the hardware. Give vLLM's --max-num-seqs.");
        }

        var sequences = profile.Count("MaxNumSeqs", 1, 1, BackendPolicyRules.LargestLimit);
        var engines = profile.Count("DataParallelSize", 1, 1, 1_000);
        return profile.Has("MaxNumSeqs") ? new Counted((long)sequences * engines, $"vllm, {Counted.Of(sequences, "sequence")} x {Counted.Of(engines, "engine")}") : null;
    }

    private static ServerProfile? Bounded(SectionReader profile, Counted counted)
    {
        if (counted.Limit is >= 1 and <= BackendPolicyRules.LargestLimit)
        {
            return new ServerProfile((int)counted.Limit, counted.IsShared, counted.Explanation) { RunTimeout = counted.RunTimeout };
        }

        if (counted.Limit > BackendPolicyRules.LargestLimit)
        {
            profile.Error("", $"{counted.Limit} requests at once ({counted.Explanation}) are not possible: a limit is at most {BackendPolicyRules.LargestLimit}.");
        }
        else if (counted.Nothing is { } nothing)
        {
            // Elsewhere only a number that is a mistake itself, and has been reported, comes to nothing.
            profile.Error("", nothing);
        }

        return null;
    }
}

using Admission.Grains.Configuration;

namespace Admission.Frontend.Profiles;

/// <summary>gunicorn: what a worker serves at once depends on its class.</summary>
internal static class GunicornProfile
{
    private const int Most = 10_000;

    private static readonly TimeSpan Day = TimeSpan.FromHours(24);

    /// <summary>
    /// The arbiter looks at its workers once a second: it aborts one that has been silent for longer than <c>timeout</c>, and kills it the next time. So a
    /// request has ended two seconds after its time-out; one more for the way between gateway and worker.
    /// </summary>
    private static readonly TimeSpan KilledAfter = TimeSpan.FromSeconds(3);

    private enum Worker
    {
        None,
        Sync,
        Gthread,
        Gevent,
        Eventlet,
        Uvicorn,
    }

    /// <summary>Reads gunicorn's numbers.</summary>
    /// <param name="profile">The profile's section.</param>
    /// <param name="backend">The backend's, which may have a <c>RunTimeout</c>.</param>
    public static Counted? Read(SectionReader profile, SectionReader backend)
    {
        var workers = profile.Count("Workers", 1, 1, Most);
        var threads = profile.Count("Threads", 1, 1, Most);
        var timeout = profile.Duration("Timeout", TimeSpan.FromSeconds(30), TimeSpan.Zero, Day);
        var worker = profile.Choice(
            "WorkerClass", ("sync", Worker.Sync), ("gthread", Worker.Gthread), ("gevent", Worker.Gevent), ("eventlet", Worker.Eventlet), ("uvicorn", Worker.Uvicorn));
        if (worker is null && profile.Has("WorkerClass"))
        {
            return null;
        }

        // gunicorn itself takes gthread when it is told sync and more than one thread.
        var kind = worker is null or Worker.Sync ? (threads > 1 ? Worker.Gthread : Worker.Sync) : worker.Value;
        if (kind is Worker.Gevent or Worker.Eventlet or Worker.Uvicorn && profile.Has("Threads"))
        {
            profile.Error("Threads", $"workers of class {Name(kind)} do not use it. Leave it out, or choose gthread.");
        }

        if (kind is Worker.Sync or Worker.Uvicorn && profile.Has("WorkerConnections"))
        {
            profile.Error("WorkerConnections", $"workers of class {Name(kind)} do not use it. Leave it out, or choose another WorkerClass.");
        }

        if (kind == Worker.Sync && timeout == TimeSpan.Zero && !backend.Has("RunTimeout"))
        {
            profile.Error("Timeout", "0 lets a request run for ever. Give the backend a RunTimeout in which its requests certainly end.");
        }

        return Count(profile, kind, workers, threads, timeout);
    }

    private static Counted? Count(SectionReader profile, Worker kind, int workers, int threads, TimeSpan timeout)
    {
        var connections = profile.Count("WorkerConnections", 1_000, 1, 1_000_000);
        switch (kind)
        {
            case Worker.Sync:
                return new Counted(workers, $"gunicorn, {Counted.Of(workers, "sync worker")}")
                {
                    RunTimeout = timeout == TimeSpan.Zero ? null : timeout + KilledAfter,
                };
            case Worker.Gthread:
                var each = Math.Min(threads, connections);
                return new Counted((long)workers * each, $"gunicorn, {Counted.Of(workers, "gthread worker")} x {Counted.Of(each, "thread")}");
            case Worker.Uvicorn:
                return ProfileReader.ReadUvicornLimit(profile) is { } limit
                    ? new Counted((long)workers * limit, $"gunicorn, {Counted.Of(workers, "uvicorn worker")} x ({limit + 1} - 1)")
                    : null;
            default:
                return new Counted((long)workers * connections, $"gunicorn, {Counted.Of(workers, $"{Name(kind)} worker")} x {Counted.Of(connections, "connection")}");
        }
    }

    private static string Name(Worker kind) => kind.ToString().ToLowerInvariant();
}

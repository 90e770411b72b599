// A backend for benchmarks. FastBackend --urls http://127.0.0.1:1 [--workers 8]
//   /            answers at once
//   /work?ms=50  one of the workers is busy for so long, whether or not its client has left; what finds none free queues,
//                as in the backlog of a gunicorn with sync workers
//   /inside      how many requests are at the backend
//   /greatest    the most requests that were at the backend at once since the last time it was asked
//   /worked      how many requests were worked on since the last time it was asked
//   /idle        for how many microseconds a worker that was done had nothing to do, on average, since the last time it was asked: from the end of one request to the
//                arrival of the next, where one was waited for; the answer's way to whoever stands in front and the next request's way back
using System.Collections.Concurrent;
using System.Globalization;
using Admission.FastBackend;

var builder = WebApplication.CreateBuilder(args);
builder.Logging.ClearProviders();
using var backlog = new BlockingCollection<(int Milliseconds, TaskCompletionSource Done)>();
var (inside, greatest, worked) = (0, 0, 0);
var workers = builder.Configuration.GetValue("workers", 8);
var idle = new IdleTimes();

// What is measured is what stands in front: an answer goes out on the worker's own thread, as from a sync worker of gunicorn, and not by way of a thread pool that has gone to sleep.
builder.WebHost.UseSockets(options => options.UnsafePreferInlineScheduling = true);

// Threads, as the workers of a real server: a timer of .NET would round 50 ms up to the next tick of the system's coarse clock.
for (var worker = 0; worker < workers; worker++)
{
    new Thread(Work) { IsBackground = true }.Start();
}

var app = builder.Build();
app.Run(context => context.Request.Path.Value switch
{
    "/work" => WorkAsync(context),
    "/inside" => context.Response.WriteAsync($"{Volatile.Read(ref inside)}"),
    "/idle" => context.Response.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"{idle.Take():0}")),
    "/worked" => context.Response.WriteAsync($"{Interlocked.Exchange(ref worked, 0)}"),
    "/greatest" => context.Response.WriteAsync($"{Interlocked.Exchange(ref greatest, 0)}"),
    _ => FastAsync(context),
});
await app.RunAsync();

static Task FastAsync(HttpContext context)
{
    context.Response.ContentLength = 2;
    return context.Response.Body.WriteAsync("ok"u8.ToArray()).AsTask();
}

async Task WorkAsync(HttpContext context)
{
    Raise(Interlocked.Increment(ref inside));
    idle.Arrived();
    var done = new TaskCompletionSource();
    backlog.Add((int.Parse(context.Request.Query["ms"].ToString()), done));
    await done.Task;
    await FastAsync(context);
}

void Work()
{
    foreach (var (milliseconds, done) in backlog.GetConsumingEnumerable())
    {
        Interlocked.Increment(ref worked);
        Thread.Sleep(milliseconds);
        idle.Ended(hasMore: Interlocked.Decrement(ref inside) >= workers);
        done.SetResult();
    }
}

void Raise(int seen)
{
    for (var known = greatest; seen > known; known = greatest)
    {
        Interlocked.CompareExchange(ref greatest, seen, known);
    }
}

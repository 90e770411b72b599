using Admission.Bench.Proxies.Load;
using Admission.Bench.Proxies.Peers;
namespace Admission.Bench.Proxies;
internal static class Try
{
    public static async Task RunAsync(string[] args)
    {
        var wait = new Bound(8, 100, TimeSpan.FromMilliseconds(500));
        Peer peer = args[1] switch { "nginx" => Nginx.Forwarding("nginx", 8), "alone" => Gateway.Alone("alone", wait), "haproxy" => HAProxy.Forwarding("h", wait), _ => Gateway.Cluster("cluster", int.Parse(args[1]), wait) };
        Demand demand = args[2].StartsWith('o') ? Demand.Open("x", double.Parse(args[2][1..]), TimeSpan.FromSeconds(1)) : Demand.Closed(int.Parse(args[2]));
        await using var stand = await Stand.StartAsync(peer, 8);
        await Demand.Open("warm", 144, TimeSpan.FromSeconds(1)).RunAsync(stand.Front, TimeSpan.FromSeconds(2));
        await Demand.Open("warm", 1600, TimeSpan.FromSeconds(1)).RunAsync(stand.Front, TimeSpan.FromSeconds(4));
        for (var i = 0; i < 4; i++)
        {
            await stand.IsQuietAsync();
            var loads = await demand.RunAsync(stand.Front, TimeSpan.FromSeconds(3));
            Console.WriteLine(Outcome.Of(loads, TimeSpan.FromSeconds(1)));
            Console.WriteLine($"   sent {string.Join(" ", loads[0].Answers.Select(a => Clock.Seconds(a.Sent - loads[0].Start)).Order().Chunk(Math.Max(1, loads[0].Answers.Count / 8)).Select(c => $"{c[0]:0.00}"))} received {string.Join(" ", loads[0].Answers.Select(a => Clock.Seconds(a.Received - loads[0].Start)).Order().Chunk(Math.Max(1, loads[0].Answers.Count / 8)).Select(c => $"{c[0]:0.00}"))}"); foreach (var g in loads.SelectMany(l => l.Answers).GroupBy(a => (a.Status, a.Http?.Header("X-Admission-Reason") ?? a.Fault))) Console.WriteLine($"   {g.Key} {g.Count()}");
            if (args[1] is not ("nginx" or "haproxy")) Console.WriteLine((await stand.DescribeAsync())[^250..]);
        }
    }
}

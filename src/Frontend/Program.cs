return await Admission.Frontend.Hosting.GatewayHost.RunAsync(args, Console.Out, Console.Error);
